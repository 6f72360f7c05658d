//! What every plan asks, is the same for all rollouts and seldom changes. It is kept as long as nothing was recorded that
//! is not of one environment alone. The place of the last such record is read with the other facts, in one snapshot, so
//! nothing is decided from memory alone.

use crate::rollout::approvers;
use crate::{Connection, Result, catalogue, freeze};
use domain::fleet::Region;
use domain::freeze::Freezes;
use domain::ids::UserId;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug)]
pub(super) struct Reference {
    pub regions: Vec<Region>,
    pub freezes: Freezes,
    /// Who may approve promotions.
    pub approvers: Vec<UserId>,
}

/// Empty at first. One for each process.
#[derive(Debug, Default)]
pub struct Shelf(Mutex<Option<(i64, Arc<Reference>)>>);

impl Shelf {
    /// As it stood when `stirred` was the last record.
    pub(super) async fn at(&self, conn: &impl Connection, stirred: i64) -> Result<Arc<Reference>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, reference)) = kept.filter(|(as_of, _)| *as_of == stirred) {
            return Ok(reference);
        }
        let reference = Arc::new(Reference {
            regions: catalogue::regions(conn).await?,
            freezes: freeze::set(conn).await?,
            approvers: approvers(conn).await?,
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((stirred, reference.clone()));
        Ok(reference)
    }
}
