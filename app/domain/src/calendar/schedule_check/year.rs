//! Years that do not fit their neighbours. The usual slip is a year that was not advanced; its date is then about a
//! year away from all others of the train, and one year later it is where it belongs.

use super::finding::{Findings, Problem};
use super::longest::longest_row;
use super::row::{Column, Row};
use super::train::{TrainKey, agreed};
use crate::release::{ServiceUpdate, TrainId};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Dates of one train lie closer together than this, and a year's slip over the longest train is more.
const TRAIN_GAP_DAYS_MIN: i64 = 200;
/// Trains with neighbouring numbers start within this, also around a holiday freeze.
const NEIGHBOUR_DAYS_MAX: i64 = 120;
/// For each number further apart, this much more: five weeks between monthly trains, and a week to spare each.
const NUMBER_DAYS_MAX: i64 = 42;
/// How much earlier than a train the one with a higher number may start: a moved date, not a moved year.
const OVERTAKEN_DAYS_MAX: i64 = 28;
/// A date belongs to its neighbours if the right year brings it this near.
const FIT_DAYS_MAX: i64 = 92;

/// When each train starts, before any year is doubted. A train whose own dates lie apart is no witness for others.
pub(super) fn starts(rows: &[Row<'_>], trains: &BTreeMap<TrainKey, Vec<usize>>) -> BTreeMap<TrainId, NaiveDate> {
    let together = |members: &[usize]| {
        let columns = || Column::OF_TRAIN.into_iter().chain(Column::OF_STATION);
        let dates = || members.iter().flat_map(|index| columns().filter_map(|column| rows[*index].date(column)));
        let span = dates().max().zip(dates().min()).map_or(0, |(last, first)| (last - first).num_days());
        span < TRAIN_GAP_DAYS_MIN
    };
    let start = |(key, members): (&TrainKey, &Vec<usize>)| match key {
        TrainKey::Id(id) if together(members) => Some((*id, agreed(rows, members, Column::Start)?.date)),
        TrainKey::Id(_) | TrainKey::Name(_) | TrainKey::Line(_) => None,
    };
    trains.iter().filter_map(start).collect()
}

/// When the train with the nearest number in the same service update starts.
pub(super) fn neighbour(starts: &BTreeMap<TrainId, NaiveDate>, key: &TrainKey) -> Option<NaiveDate> {
    let TrainKey::Id(id) = key else { return None };
    let others = starts.iter().filter(|(other, _)| other.service_update == id.service_update && *other != id);
    others.min_by_key(|(other, _)| other.number.abs_diff(id.number)).map(|(_, start)| *start)
}

/// The years that do not fit within one train: named once each, and read as the likely date from here on.
pub(super) fn within_train(
    rows: &mut [Row<'_>],
    members: &[usize],
    neighbour: Option<NaiveDate>,
    findings: &mut Findings,
) {
    // One entry a date of the train and a date of a station, with the lines that give it.
    let mut given: BTreeMap<(Column, Option<usize>, NaiveDate), Vec<usize>> = BTreeMap::new();
    for &index in members {
        for column in Column::OF_TRAIN.into_iter().chain(Column::OF_STATION) {
            if let Some(date) = rows[index].date(column) {
                let station = (!column.is_of_train()).then_some(index);
                given.entry((column, station, date)).or_default().push(index);
            }
        }
    }
    let dates: Vec<NaiveDate> = given.keys().map(|(_, _, date)| *date).collect();
    let Some(most) = right_cluster(dates, neighbour) else { return };
    for ((column, _, date), lines) in given {
        let Some(likely) = likely(date, &most) else { continue };
        if let Some(first) = lines.first() {
            findings.add(*first, column, Problem::YearOfDate { given: date, likely });
        }
        for index in lines {
            rows[index].set_date(column, likely);
        }
    }
}

/// Trains whose dates agree with each other but lie in another year than those with numbers near theirs.
pub(super) fn between_trains(rows: &[Row<'_>], trains: &BTreeMap<TrainKey, Vec<usize>>, findings: &mut Findings) {
    let mut starts: BTreeMap<ServiceUpdate, Vec<Started>> = BTreeMap::new();
    for (key, members) in trains {
        if let (TrainKey::Id(id), Some(start)) = (key, agreed(rows, members, Column::Start)) {
            let started = Started { number: id.number.into(), index: start.index, date: start.date };
            starts.entry(id.service_update).or_default().push(started);
        }
    }
    // In the order of numbers, as the keys are.
    for trains in starts.into_values() {
        // Of equally long rows the later dates, because a year is forgotten more often than it runs ahead.
        let kept = longest_row(&trains, Started::fits, |train| train.date.num_days_from_ce().into());
        for (position, train) in trains.iter().enumerate().filter(|(position, _)| !kept.contains(position)) {
            let before = kept.iter().rfind(|k| **k < position).map(|k| trains[*k].date);
            let after = kept.iter().find(|k| **k > position).map(|k| trains[*k].date);
            let around = before.into_iter().chain(after);
            let Some(around) = around.clone().min().zip(around.max()).map(|(first, last)| first..=last) else {
                continue;
            };
            if let Some(likely) = likely(train.date, &around) {
                findings.add(train.index, Column::Start, Problem::YearOfTrain { given: train.date, likely });
            }
        }
    }
}

/// A train of one service update.
struct Started {
    number: i64,
    index: usize,
    date: NaiveDate,
}

impl Started {
    /// Whether the train `next`, of a higher number, starts when its number says.
    fn fits(&self, next: &Self) -> bool {
        let days = (next.date - self.date).num_days();
        let at_most = NEIGHBOUR_DAYS_MAX + NUMBER_DAYS_MAX * (next.number - self.number - 1);
        (-OVERTAKEN_DAYS_MAX..=at_most).contains(&days)
    }
}

/// Where dates of one train lie far apart, the first and last of those that are right: those near the neighbouring
/// train, else most of them, else the later ones. `None` where all lie together.
fn right_cluster(mut dates: Vec<NaiveDate>, neighbour: Option<NaiveDate>) -> Option<RangeInclusive<NaiveDate>> {
    dates.sort_unstable();
    let clusters: Vec<(RangeInclusive<NaiveDate>, usize)> = dates
        .chunk_by(|before, after| (*after - *before).num_days() < TRAIN_GAP_DAYS_MIN)
        .filter_map(|cluster| Some((*cluster.first()?..=*cluster.last()?, cluster.len())))
        .collect();
    if clusters.len() < 2 {
        return None;
    }
    let near = |cluster: &RangeInclusive<NaiveDate>| {
        neighbour.is_some_and(|start| days_outside(start, cluster) <= NEIGHBOUR_DAYS_MAX)
    };
    clusters.into_iter().max_by_key(|(cluster, count)| (near(cluster), *count)).map(|(cluster, _)| cluster)
}

fn days_outside(date: NaiveDate, range: &RangeInclusive<NaiveDate>) -> i64 {
    (*range.start() - date).num_days().max((date - *range.end()).num_days()).max(0)
}

/// The same day in the year that brings `date` to the others. `None` where it is among them, or where the year alone
/// is not what is wrong with it.
fn likely(date: NaiveDate, most: &RangeInclusive<NaiveDate>) -> Option<NaiveDate> {
    let away = |date| days_outside(date, most);
    if away(date) == 0 {
        return None;
    }
    (most.start().year() - 1..=most.end().year() + 1)
        .filter_map(|year| in_year(date, year))
        .min_by_key(|candidate| away(*candidate))
        .filter(|candidate| away(*candidate) <= FIT_DAYS_MAX && candidate.year() != date.year())
}

/// 29 February of a common year is the day after the 28th.
fn in_year(date: NaiveDate, year: i32) -> Option<NaiveDate> {
    date.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
}
