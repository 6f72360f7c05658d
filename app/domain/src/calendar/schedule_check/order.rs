//! Stations against each other: numbers ascend, and no later station starts before an earlier one.

use super::finding::{Findings, Problem};
use super::longest::longest_row;
use super::row::{Column, Row};
use crate::fleet::StationNumber;
use chrono::NaiveDate;

pub(super) fn check(rows: &[Row<'_>], members: &[usize], findings: &mut Findings) {
    let ascending = numbers(rows, members, findings);
    for column in [Column::SandboxStart, Column::ProductionStart] {
        let starts: Vec<Start> = ascending
            .iter()
            .filter_map(|&(index, station)| Some(Start { index, station, date: rows[index].date(column)? }))
            .collect();
        dates(&starts, column, findings);
    }
}

/// The lines whose station follows the one before; the others are named.
fn numbers(rows: &[Row<'_>], members: &[usize], findings: &mut Findings) -> Vec<(usize, StationNumber)> {
    let mut ascending: Vec<(usize, StationNumber)> = Vec::new();
    let mut seen: Vec<(usize, StationNumber)> = Vec::new();
    for &index in members {
        let Some(station) = rows[index].station else { continue };
        if let Some((first, _)) = seen.iter().find(|(_, other)| *other == station) {
            let line = rows[*first].raw.line;
            findings.add(index, Column::Station, Problem::StationRepeated { line });
            continue;
        }
        match ascending.last() {
            Some((_, before)) if *before > station => {
                findings.add(index, Column::Station, Problem::StationOutOfOrder { after: *before });
            }
            _ => ascending.push((index, station)),
        }
        seen.push((index, station));
    }
    ascending
}

#[derive(Debug, Clone, Copy)]
struct Start {
    index: usize,
    station: StationNumber,
    date: NaiveDate,
}

/// Names the fewest dates whose absence puts the rest in order: one slip is one finding, whichever way it went.
fn dates(starts: &[Start], column: Column, findings: &mut Findings) {
    let kept = longest_row(starts, |before, after| before.date <= after.date, |_| 0);
    for (position, start) in starts.iter().enumerate() {
        if kept.contains(&position) {
            continue;
        }
        let earlier = kept.iter().filter(|k| **k < position).map(|k| starts[*k]).rfind(|k| k.date > start.date);
        let later = kept.iter().filter(|k| **k > position).map(|k| starts[*k]).find(|k| k.date < start.date);
        if let Some(other) = earlier {
            let problem = Problem::BeforeEarlierStation { station: other.station, date: other.date };
            findings.add(start.index, column, problem);
        } else if let Some(other) = later {
            let problem = Problem::AfterLaterStation { station: other.station, date: other.date };
            findings.add(start.index, column, problem);
        }
    }
}
