//! What the clocks of one zone show, as facts: from when on they stand how far east of UTC. Who has a zone
//! database (the server) fills the table for the years it needs; the database itself is too big for the browser.
//! Not here: which zone a place has (the catalogue), and words for people (`clockface`).
//!
//! A wall time becomes an instant by one rule: **the first instant at which the clock shows that time or later**.
//! So a time that the clock skips (it goes forward) is the first instant after the skip, and a time that it shows twice
//! (it goes back) is the first of the two.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use thiserror::Error;

/// No clock stands a whole day from UTC. The farthest were local mean times: Manila until 1844, 15:56 behind.
const OFFSET_SECONDS_BELOW: i32 = 24 * 60 * 60;

/// From `at` on, the clocks stand `seconds_east` of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffsetChange {
    pub at: DateTime<Utc>,
    pub seconds_east: i32,
}

/// Invariant: `changes` holds at least one, each later than the one before it and with another offset, and all are before
/// `until`. The first says where knowledge begins, `until` where it ends; outside of that every answer is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneOffsets {
    name: String,
    changes: Vec<OffsetChange>,
    until: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ZoneOffsetsError {
    #[error("a table of offsets names no zone")]
    NoName,
    #[error("{zone}: no offset is known")]
    NoOffset { zone: String },
    #[error("{zone}: the change at {at} does not come after the one before it")]
    OutOfOrder { zone: String, at: DateTime<Utc> },
    #[error("{zone}: at {at} the offset stays the same")]
    NoChange { zone: String, at: DateTime<Utc> },
    #[error("{zone}: {seconds_east} seconds at {at} are a day or more")]
    TooFar { zone: String, at: DateTime<Utc>, seconds_east: i32 },
    #[error("{zone}: the table ends at {until}, not after its last change")]
    EndsTooEarly { zone: String, until: DateTime<Utc> },
}

impl ZoneOffsets {
    /// `name` is the IANA name. `changes` begins with the offset in force where the table begins; `until` is exclusive.
    pub fn new(name: &str, changes: Vec<OffsetChange>, until: DateTime<Utc>) -> Result<Self, ZoneOffsetsError> {
        let zone = || name.to_owned();
        if name.is_empty() {
            return Err(ZoneOffsetsError::NoName);
        }
        let last = changes.last().ok_or_else(|| ZoneOffsetsError::NoOffset { zone: zone() })?;
        if until <= last.at {
            return Err(ZoneOffsetsError::EndsTooEarly { zone: zone(), until });
        }
        for OffsetChange { at, seconds_east } in changes.iter().copied() {
            if seconds_east.unsigned_abs() >= OFFSET_SECONDS_BELOW.unsigned_abs() {
                return Err(ZoneOffsetsError::TooFar { zone: zone(), at, seconds_east });
            }
        }
        for (before, after) in changes.iter().zip(changes.iter().skip(1)) {
            if after.at <= before.at {
                return Err(ZoneOffsetsError::OutOfOrder { zone: zone(), at: after.at });
            }
            if after.seconds_east == before.seconds_east {
                return Err(ZoneOffsetsError::NoChange { zone: zone(), at: after.at });
            }
        }
        Ok(Self { name: zone(), changes, until })
    }

    /// `Europe/Berlin`
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The changes within the table; the first entry, where knowledge begins, is none of them.
    pub fn changes(&self) -> &[OffsetChange] {
        self.changes.get(1..).unwrap_or_default()
    }

    /// Exclusive.
    pub const fn until(&self) -> DateTime<Utc> {
        self.until
    }

    fn index_at(&self, instant: DateTime<Utc>) -> Option<usize> {
        let begun = self.changes.partition_point(|change| change.at <= instant);
        if instant < self.until { begun.checked_sub(1) } else { None }
    }

    /// Seconds east of UTC. `None` outside the table.
    pub fn seconds_east(&self, instant: DateTime<Utc>) -> Option<i32> {
        self.changes.get(self.index_at(instant)?).map(|change| change.seconds_east)
    }

    /// What the clock shows at `instant`. `None` outside the table.
    pub fn wall_time(&self, instant: DateTime<Utc>) -> Option<NaiveDateTime> {
        instant.naive_utc().checked_add_signed(TimeDelta::seconds(self.seconds_east(instant)?.into()))
    }

    /// The first instant at which the clock shows `wall` or later. `None` outside the table, and on its first two days:
    /// a clock put back just before them could have shown `wall` already.
    pub fn first_instant(&self, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
        let as_utc = wall.and_utc();
        // Every offset is less than a day, so the clock cannot show `wall` before this instant.
        let too_early = as_utc.checked_sub_signed(TimeDelta::seconds(OFFSET_SECONDS_BELOW.into()))?;
        let spans = self.changes.iter().enumerate().skip(self.index_at(too_early)?);
        for (index, span) in spans {
            let end = self.changes.get(index + 1).map_or(self.until, |next| next.at);
            let shown = as_utc.checked_sub_signed(TimeDelta::seconds(span.seconds_east.into()))?;
            if shown < end {
                return Some(shown.max(span.at));
            }
        }
        None
    }

    /// By how much the clock goes forward at most, at one change of this table. Zero where it never does.
    pub fn largest_gap(&self) -> TimeDelta {
        let steps =
            self.changes.iter().zip(self.changes()).map(|(before, after)| after.seconds_east - before.seconds_east);
        TimeDelta::seconds(steps.max().unwrap_or(0).max(0).into())
    }
}

#[cfg(test)]
#[path = "zone_offsets_tests.rs"]
pub(super) mod tests;
