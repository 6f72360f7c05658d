//! Virtual time: one true time that only the event loop moves, and each server's own view of it. Ids that count.

use chrono::{DateTime, TimeDelta, Utc};
use services::ports::{Clock, Ids};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use uuid::Uuid;

/// What really is the time. Agents and invariants go by it.
#[derive(Debug, Clone, Default)]
pub struct TrueTime(Arc<AtomicI64>);

fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

impl TrueTime {
    pub fn set(&self, now: DateTime<Utc>) {
        self.0.store(now.timestamp_millis(), Ordering::Relaxed);
    }
}

impl Clock for TrueTime {
    fn now(&self) -> DateTime<Utc> {
        instant(self.0.load(Ordering::Relaxed))
    }
}

/// The clock of one server: it may be wrong, drift, and step (F7).
#[derive(Debug)]
pub struct ServerClock {
    truth: TrueTime,
    /// Milliseconds ahead of true time at `since`.
    ahead: AtomicI64,
    since: AtomicI64,
    /// Milliseconds gained in a day.
    drift: AtomicI64,
}

const DAY_MILLIS: i64 = 24 * 3_600 * 1_000;

impl ServerClock {
    pub fn right(truth: TrueTime) -> Self {
        let since = AtomicI64::new(truth.now().timestamp_millis());
        Self { truth, ahead: AtomicI64::default(), since, drift: AtomicI64::default() }
    }

    /// How far it is ahead of true time now; negative behind.
    pub fn ahead(&self) -> TimeDelta {
        let passed = self.truth.now().timestamp_millis() - self.since.load(Ordering::Relaxed);
        let drifted = self.drift.load(Ordering::Relaxed) * passed / DAY_MILLIS;
        TimeDelta::milliseconds(self.ahead.load(Ordering::Relaxed) + drifted)
    }

    pub fn step_to(&self, ahead: TimeDelta, drift_a_day: TimeDelta) {
        self.since.store(self.truth.now().timestamp_millis(), Ordering::Relaxed);
        self.ahead.store(ahead.num_milliseconds(), Ordering::Relaxed);
        self.drift.store(drift_a_day.num_milliseconds(), Ordering::Relaxed);
    }
}

impl Clock for ServerClock {
    fn now(&self) -> DateTime<Utc> {
        self.truth.now() + self.ahead()
    }
}

/// Ids in the order in which they are made, the same in every run of a seed.
#[derive(Debug)]
pub struct CountingIds {
    seed: u64,
    made: AtomicU64,
}

impl CountingIds {
    pub const fn new(seed: u64) -> Self {
        Self { seed, made: AtomicU64::new(1) }
    }
}

impl Ids for CountingIds {
    fn uuid(&self) -> Uuid {
        Uuid::from_u64_pair(self.made.fetch_add(1, Ordering::Relaxed), self.seed)
    }

    fn bytes32(&self) -> [u8; 32] {
        let made = self.made.fetch_add(1, Ordering::Relaxed);
        Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(made.to_be_bytes()).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_wrong_keeps_its_error_and_drifts() {
        let truth = TrueTime::default();
        let clock = ServerClock::right(truth.clone());
        clock.step_to(TimeDelta::hours(-1), TimeDelta::seconds(10));
        truth.set(DateTime::UNIX_EPOCH + TimeDelta::days(2));
        assert_eq!(clock.now() - truth.now(), TimeDelta::seconds(20) - TimeDelta::hours(1));
    }
}
