//! Cadence: per station, on which days after the train's start its sandboxes and its production are updated.
//! It is data of the train, never a constant: the vendor changed it in April 2026 from monthly to biweekly.
//! Source of the two shipped ones: `catalogue/cadences.csv`.

use crate::fleet::{Audience, StageKey, StationNumber};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use thiserror::Error;

/// Days after the train's start, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayOffsets {
    pub first: u16,
    pub last: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CadenceRow {
    pub station: StationNumber,
    pub sandbox: DayOffsets,
    /// Station 1 has none.
    pub production: Option<DayOffsets>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cadence {
    pub name: String,
    /// Rule G3, in days, from the start of the sandbox's night to the start of production's.
    pub min_gap_days: u16,
    rows: Vec<CadenceRow>,
}

/// The rows do not describe a cadence.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CadenceError {
    #[error("cadence {0} has no station")]
    Empty(String),
    #[error("cadence {0}: station {1} ends a window before it begins")]
    Backwards(String, StationNumber),
    #[error("cadence {0}: station {1} does not come after the station before it")]
    OutOfOrder(String, StationNumber),
    #[error("cadence {0}: production of station {1} comes less than {2} days after its sandboxes")]
    GapTooShort(String, StationNumber, u16),
}

/// One stage's published dates, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageWindow {
    pub stage: StageKey,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

impl StageWindow {
    pub fn dates(self) -> RangeInclusive<NaiveDate> {
        self.first..=self.last
    }
}

impl Cadence {
    pub fn new(name: String, min_gap_days: u16, rows: Vec<CadenceRow>) -> Result<Self, CadenceError> {
        if rows.is_empty() {
            return Err(CadenceError::Empty(name));
        }
        let mut before: Option<CadenceRow> = None;
        for row in &rows {
            let backwards = |days: DayOffsets| days.last < days.first;
            if backwards(row.sandbox) || row.production.is_some_and(backwards) {
                return Err(CadenceError::Backwards(name, row.station));
            }
            if before.is_some_and(|b| b.station >= row.station || b.sandbox.first > row.sandbox.first) {
                return Err(CadenceError::OutOfOrder(name, row.station));
            }
            if row.production.is_some_and(|p| p.first < row.sandbox.first + min_gap_days) {
                return Err(CadenceError::GapTooShort(name, row.station, min_gap_days));
            }
            before = Some(*row);
        }
        Ok(Self { name, min_gap_days, rows })
    }

    pub fn rows(&self) -> &[CadenceRow] {
        &self.rows
    }

    /// Every window of a train that starts on `start`, by station, sandbox before production.
    /// Windows beyond the calendar's range are left out.
    pub fn windows(&self, start: NaiveDate) -> Vec<StageWindow> {
        let window = |station, audience, days: DayOffsets| {
            Some(StageWindow {
                stage: StageKey { station, audience },
                first: start.checked_add_days(Days::new(days.first.into()))?,
                last: start.checked_add_days(Days::new(days.last.into()))?,
            })
        };
        self.rows
            .iter()
            .flat_map(|row| {
                let production = row.production.and_then(|days| window(row.station, Audience::Production, days));
                [window(row.station, Audience::Sandbox, row.sandbox), production]
            })
            .flatten()
            .collect()
    }
}
