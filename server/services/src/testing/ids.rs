//! Ids that are the same in every run, and sort in the order in which they were made.

use crate::ports::Ids;
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

#[derive(Debug)]
pub struct SeededIds {
    seed: u64,
    made: AtomicU64,
}

impl SeededIds {
    pub const fn new(seed: u64) -> Self {
        Self { seed, made: AtomicU64::new(0) }
    }

    fn next(&self) -> u64 {
        self.made.fetch_add(1, Ordering::Relaxed)
    }
}

impl Ids for SeededIds {
    fn uuid(&self) -> Uuid {
        Uuid::from_u64_pair(self.next() + 1, self.seed)
    }

    fn bytes32(&self) -> [u8; 32] {
        Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(self.next().to_be_bytes()).finalize().into()
    }
}
