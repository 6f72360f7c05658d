//! Finds impossible and contradictory dates in a published schedule. Published schedules are edited by hand: a year
//! that was not advanced, a month that slipped, a window of a month instead of two days have all been published.
//!
//! Pure and total: any text in, findings out, in the order of the file. One finding a date, with every reason.
//! A year that does not fit is named once and then read as the likely one, so that it does not drown the rest.
//! Not here: reading the file (`server::commands::schedule`).
//!
//! | step | file |
//! |---|---|
//! | cells become dates | `row` |
//! | years that do not fit | `year` |
//! | the train's own dates: cutoff, start, end | `train` |
//! | each station's windows | `window` |
//! | stations against each other | `order` |

mod finding;
mod longest;
mod order;
mod row;
mod train;
mod window;
mod year;

pub use finding::{Finding, Problem};
pub use row::{Column, RawRow};

use super::cadence::{Cadence, DayOffsets};
use crate::fleet::StationNumber;
use finding::Findings;
use row::Row;
use std::collections::BTreeMap;

/// What a published schedule is held against; taken from the cadences, which are data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Known stations, and whether they have a production window.
    pub stations: BTreeMap<StationNumber, bool>,
    pub sandbox_days_max: i64,
    pub production_days_max: i64,
    /// Rule G3: from the first day of the sandbox window to the first day of the production window.
    pub min_gap_days: i64,
}

impl Rules {
    /// The most that any of the cadences allows: a schedule does not say which one it follows.
    pub fn of(cadences: &[Cadence]) -> Self {
        let days = |window: DayOffsets| i64::from(window.last) - i64::from(window.first) + 1;
        let rows = || cadences.iter().flat_map(Cadence::rows);
        let mut stations = BTreeMap::new();
        for row in rows() {
            *stations.entry(row.station).or_insert(false) |= row.production.is_some();
        }
        Self {
            stations,
            sandbox_days_max: rows().map(|row| days(row.sandbox)).max().unwrap_or(0),
            production_days_max: rows().filter_map(|row| row.production).map(days).max().unwrap_or(0),
            min_gap_days: cadences.iter().map(|cadence| i64::from(cadence.min_gap_days)).min().unwrap_or(0),
        }
    }
}

/// Every finding of the schedule, by line and column.
pub fn check(raw: &[RawRow], rules: &Rules) -> Vec<Finding> {
    let mut findings = Findings::default();
    let mut rows: Vec<Row<'_>> = raw
        .iter()
        .filter(|raw| !raw.is_blank())
        .enumerate()
        .map(|(index, raw)| Row::read(raw, index, rules, &mut findings))
        .collect();
    let trains = train::group(&rows);
    let starts = year::starts(&rows, &trains);
    for (key, members) in &trains {
        year::within_train(&mut rows, members, year::neighbour(&starts, key), &mut findings);
    }
    year::between_trains(&rows, &trains, &mut findings);
    for members in trains.values() {
        let dates = train::check(&rows, members, &mut findings);
        window::check(&rows, members, &dates, rules, &mut findings);
        order::check(&rows, members, &mut findings);
    }
    findings.into_sorted(&rows)
}
