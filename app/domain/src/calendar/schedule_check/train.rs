//! The lines of one train, and the train's own dates: cutoff, start, end.

use super::finding::{Findings, Problem};
use super::row::{Column, Row};
use crate::release::TrainId;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A train stretched over a holiday freeze took 70 days; nothing published took a quarter.
const TRAIN_DAYS_MAX: i64 = 92;

/// Which lines belong together.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TrainKey {
    Id(TrainId),
    Name(String),
    /// A line that names no train stands alone.
    Line(usize),
}

impl TrainKey {
    fn of(row: &Row<'_>) -> Self {
        if row.raw.is_none(Column::Train) {
            return Self::Line(row.index);
        }
        let name = row.raw.cell(Column::Train);
        // The station tables of the published schedule say Release where the train table says PQU.
        name.replace("Release-", "PQU-").parse().map_or_else(|_| Self::Name(name.to_owned()), Self::Id)
    }
}

/// Indexes of the lines of each train, in the order of the file.
pub(super) fn group(rows: &[Row<'_>]) -> BTreeMap<TrainKey, Vec<usize>> {
    let mut trains: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for row in rows {
        trains.entry(TrainKey::of(row)).or_default().push(row.index);
    }
    trains
}

/// A date of the train and the first line that gives it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    pub date: NaiveDate,
    pub index: usize,
}

/// What the windows of the train are held against. Absent: not given, or not usable.
#[derive(Debug, Default)]
pub(super) struct TrainDates {
    pub start: Option<NaiveDate>,
    pub end: Option<NaiveDate>,
}

/// The date that most lines give; of equally frequent ones the first.
pub(super) fn agreed(rows: &[Row<'_>], members: &[usize], column: Column) -> Option<Given> {
    let mut counts: Vec<(Given, usize)> = Vec::new();
    for &index in members {
        let Some(date) = rows[index].date(column) else { continue };
        match counts.iter_mut().find(|(given, _)| given.date == date) {
            Some((_, count)) => *count += 1,
            None => counts.push((Given { date, index }, 1)),
        }
    }
    // `max_by_key` returns the last of equals: reversed, that is the first.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(given, _)| given)
}

pub(super) fn check(rows: &[Row<'_>], members: &[usize], findings: &mut Findings) -> TrainDates {
    let [cutoff, start, end] = Column::OF_TRAIN.map(|column| {
        let given = agreed(rows, members, column)?;
        for &index in members {
            if rows[index].date(column).is_some_and(|date| date != given.date) {
                let line = rows[given.index].raw.line;
                findings.add(index, column, Problem::Differs { line, date: given.date });
            }
        }
        Some(given)
    });
    if let (Some(cutoff), Some(start)) = (cutoff, start)
        && cutoff.date > start.date
    {
        findings.add(cutoff.index, Column::Cutoff, Problem::CutoffAfterStart { start: start.date });
    }
    if let (Some(start), Some(end)) = (start, end) {
        let days = (end.date - start.date).num_days() + 1;
        if days < 1 {
            findings.add(end.index, Column::End, Problem::EndBeforeStart { start: start.date });
            // Nothing lies inside a train that ends before it starts: its windows are not at fault.
            return TrainDates::default();
        }
        if days > TRAIN_DAYS_MAX {
            findings.add(end.index, Column::End, Problem::TrainTooLong { days, at_most: TRAIN_DAYS_MAX });
        }
    }
    TrainDates { start: start.map(|given| given.date), end: end.map(|given| given.date) }
}
