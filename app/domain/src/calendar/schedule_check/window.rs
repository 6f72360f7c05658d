//! The windows of each station: whole, of the allowed length, inside the train, sandbox before production.

use super::Rules;
use super::finding::{Findings, Problem};
use super::row::{Column, Row};
use super::train::TrainDates;
use crate::calendar::DarkHours;
use chrono::NaiveDate;

pub(super) fn check(rows: &[Row<'_>], members: &[usize], train: &TrainDates, rules: &Rules, findings: &mut Findings) {
    for &index in members {
        let row = &rows[index];
        shape(row, [Column::SandboxStart, Column::SandboxEnd], rules.sandbox_days_max, findings);
        inside_train(row, [Column::SandboxStart, Column::SandboxEnd], train, findings);
        if row.station.is_some_and(|station| rules.stations.get(&station) == Some(&false)) {
            no_production(row, findings);
            continue;
        }
        shape(row, [Column::ProductionStart, Column::ProductionEnd], rules.production_days_max, findings);
        inside_train(row, [Column::ProductionStart, Column::ProductionEnd], train, findings);
        gap(row, rules.min_gap_days, findings);
    }
    weekends(rows, members, findings);
}

fn shape(row: &Row<'_>, [start, end]: [Column; 2], days_max: i64, findings: &mut Findings) {
    match (row.date(start), row.date(end)) {
        (Some(first), Some(last)) => {
            let days = (last - first).num_days() + 1;
            if days < 1 {
                findings.add(row.index, end, Problem::EndBeforeStart { start: first });
            } else if days > days_max {
                findings.add(row.index, end, Problem::WindowTooLong { days, at_most: days_max });
            }
        }
        // A cell that is there but cannot be read has its own finding.
        (Some(_), None) if row.raw.is_none(end) => {
            findings.add(row.index, start, Problem::HalfWindow { missing: end });
        }
        (None, Some(_)) if row.raw.is_none(start) => {
            findings.add(row.index, end, Problem::HalfWindow { missing: start });
        }
        _ => {}
    }
}

fn inside_train(row: &Row<'_>, columns: [Column; 2], train: &TrainDates, findings: &mut Findings) {
    for column in columns {
        let Some(date) = row.date(column) else { continue };
        if let Some(start) = train.start.filter(|start| date < *start) {
            findings.add(row.index, column, Problem::BeforeTrain { days: (start - date).num_days(), start });
        }
        if let Some(end) = train.end.filter(|end| date > *end) {
            findings.add(row.index, column, Problem::AfterTrain { days: (date - end).num_days(), end });
        }
    }
}

fn no_production(row: &Row<'_>, findings: &mut Findings) {
    let given = [Column::ProductionStart, Column::ProductionEnd].into_iter().find(|column| row.date(*column).is_some());
    if let Some(column) = given {
        findings.add(row.index, column, Problem::NoProductionHere);
    }
}

fn gap(row: &Row<'_>, at_least: i64, findings: &mut Findings) {
    let (Some(sandbox), Some(production)) = (row.date(Column::SandboxStart), row.date(Column::ProductionStart)) else {
        return;
    };
    let days = (production - sandbox).num_days();
    if days < 0 {
        findings.add(row.index, Column::ProductionStart, Problem::ProductionBeforeSandbox { sandbox });
    } else if days < at_least {
        findings.add(row.index, Column::ProductionStart, Problem::GapTooShort { days, at_least, sandbox });
    }
}

/// Published production windows are weekends. A train none of whose windows is one follows another rule, and follows
/// it throughout; a single window beside the weekend is a slip.
fn weekends(rows: &[Row<'_>], members: &[usize], findings: &mut Findings) {
    let windows: Vec<(usize, bool)> = members
        .iter()
        .filter_map(|&index| {
            let (first, last) = (rows[index].date(Column::ProductionStart)?, rows[index].date(Column::ProductionEnd)?);
            (first <= last).then(|| (index, touches_weekend(first, last)))
        })
        .collect();
    if windows.iter().any(|(_, weekend)| *weekend) {
        for (index, _) in windows.into_iter().filter(|(_, weekend)| !weekend) {
            findings.add(index, Column::ProductionStart, Problem::NotAtWeekend);
        }
    }
}

fn touches_weekend(first: NaiveDate, last: NaiveDate) -> bool {
    // Six days on end cannot miss both days of a weekend.
    first.iter_days().take_while(|date| *date <= last).take(6).any(DarkHours::is_weekend)
}
