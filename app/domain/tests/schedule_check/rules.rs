//! Each rule on the schedule of 10.0.48 PQU-7 (lines 2 to 7, stations 1 to 6) with one thing changed.

use crate::support::{cadence, date};
use crate::{rules, schedule, set, told};
use chrono::Datelike;
use domain::calendar::schedule_check::Column::{
    Cutoff, End, ProductionEnd, ProductionStart, SandboxEnd, SandboxStart, Start, Station, Train,
};
use domain::calendar::schedule_check::{Column, Problem, RawRow, check};
use rstest::rstest;

fn pqu_7() -> Vec<RawRow> {
    schedule("10.0.48 PQU-7", &cadence("biweekly"), date("2026-09-30"))
}

#[test]
fn nothing_is_said_of_a_train_without_mistakes() {
    assert_eq!(told(&pqu_7()), "");
}

#[rstest]
#[case::no_such_day(4, SandboxStart, "2026-02-30", "sandbox_start 2026-02-30: the calendar has no such day")]
#[case::not_a_date(4, SandboxStart, "5 Oct", "sandbox_start 5 Oct: not a date written YYYY-MM-DD")]
#[case::half_a_window(4, SandboxEnd, "", "sandbox_start 2026-10-05: half a window, sandbox_end is missing")]
#[case::the_other_half(
    4,
    ProductionStart,
    "NA",
    "production_end 2026-10-11: half a window, production_start is missing"
)]
#[case::sandbox_backwards(4, SandboxEnd, "2026-10-04", "sandbox_end 2026-10-04: end before start 2026-10-05")]
#[case::production_backwards(4, ProductionEnd, "2026-10-09", "production_end 2026-10-09: end before start 2026-10-10")]
#[case::sandbox_too_long(4, SandboxEnd, "2026-10-09", "sandbox_end 2026-10-09: window of 5 days, at most 4 allowed")]
#[case::production_too_long(
    4,
    ProductionEnd,
    "2026-10-12",
    "production_end 2026-10-12: window of 3 days, at most 2 allowed"
)]
#[case::gap(
    4,
    SandboxStart,
    "2026-10-06",
    "production_start 2026-10-10: production 4 days after the start of the sandbox window 2026-10-06, at least 5 needed"
)]
#[case::year_too_low(
    4,
    SandboxStart,
    "2025-10-05",
    "sandbox_start 2025-10-05: year 2025 does not fit the other dates of the train, likely 2026-10-05"
)]
#[case::year_too_high(
    4,
    ProductionEnd,
    "2027-10-11",
    "production_end 2027-10-11: year 2027 does not fit the other dates of the train, likely 2026-10-11"
)]
#[case::year_and_length(
    4,
    SandboxEnd,
    "2025-10-18",
    "sandbox_end 2025-10-18: year 2025 does not fit the other dates of the train, likely 2026-10-18; window of 14 days, at most 4 allowed"
)]
#[case::unknown_station(7, Station, "7", "station 7: unknown station")]
#[case::no_number(7, Station, "six", "station six: unknown station")]
#[case::repeated_station(4, Station, "2", "station 2: the train already has this station in line 3")]
fn of_one_cell(#[case] line: u64, #[case] column: Column, #[case] text: &str, #[case] expected: &str) {
    let mut rows = pqu_7();
    let row = rows.iter_mut().find(|row| row.line == line).unwrap();
    set(row, column, text);
    let station = if column == Station { String::new() } else { format!(" station {}", row.cell(Station)) };
    assert_eq!(told(&rows), format!("line {line}: 10.0.48 PQU-7{station}: {expected}\n"));
}

#[rstest]
#[case::cutoff_after_start(
    Cutoff,
    "2026-10-01",
    "line 2: 10.0.48 PQU-7: cutoff 2026-10-01: cutoff after the train's start 2026-09-30"
)]
#[case::end_before_start(End, "2026-09-24", "line 2: 10.0.48 PQU-7: end 2026-09-24: end before start 2026-09-30")]
#[case::too_long(End, "2027-01-25", "line 2: 10.0.48 PQU-7: end 2027-01-25: train of 118 days, at most 92 allowed")]
#[case::year_of_start(
    Start,
    "2025-09-30",
    "line 2: 10.0.48 PQU-7: start 2025-09-30: year 2025 does not fit the other dates of the train, likely 2026-09-30"
)]
fn of_the_train_is_said_once(#[case] column: Column, #[case] text: &str, #[case] expected: &str) {
    let mut rows = pqu_7();
    for row in &mut rows {
        set(row, column, text);
    }
    assert_eq!(told(&rows), format!("{expected}\n"));
}

#[test]
fn a_train_with_two_starts() {
    let mut rows = pqu_7();
    set(&mut rows[3], Start, "2026-09-29");
    assert_eq!(told(&rows), "line 5: 10.0.48 PQU-7: start 2026-09-29: the same train has 2026-09-30 in line 2\n");
}

#[test]
fn dates_outside_the_train() {
    let mut rows = pqu_7();
    set(&mut rows[0], SandboxStart, "2026-09-29");
    set(&mut rows[0], SandboxEnd, "2026-10-02");
    for row in &mut rows {
        set(row, End, "2026-10-24");
    }
    assert_eq!(
        told(&rows),
        "line 2: 10.0.48 PQU-7 station 1: sandbox_start 2026-09-29: outside the train, 1 day before its start 2026-09-30\n\
         line 6: 10.0.48 PQU-7 station 5: production_end 2026-10-25: outside the train, 1 day after its end 2026-10-24\n\
         line 7: 10.0.48 PQU-7 station 6: production_end 2026-10-25: outside the train, 1 day after its end 2026-10-24\n"
    );
}

#[test]
fn production_before_sandbox() {
    let mut rows = pqu_7();
    set(&mut rows[1], ProductionStart, "2026-10-03");
    set(&mut rows[1], ProductionEnd, "2026-10-04");
    assert_eq!(
        told(&rows),
        "line 3: 10.0.48 PQU-7 station 2: production_start 2026-10-03: production before sandbox, whose window starts \
         2026-10-05\n"
    );
}

#[test]
fn station_1_has_no_production() {
    let mut rows = pqu_7();
    set(&mut rows[0], ProductionStart, "2026-10-10");
    set(&mut rows[0], ProductionEnd, "2026-10-11");
    assert_eq!(
        told(&rows),
        "line 2: 10.0.48 PQU-7 station 1: production_start 2026-10-10: this station has no production window\n"
    );
}

#[test]
fn lines_out_of_order() {
    let mut rows = pqu_7();
    rows.swap(2, 4);
    (rows[2].line, rows[4].line) = (4, 6);
    assert_eq!(
        told(&rows),
        "line 5: 10.0.48 PQU-7: station 4: out of order, comes after station 5\n\
         line 6: 10.0.48 PQU-7: station 3: out of order, comes after station 5\n"
    );
}

#[rstest]
// One slip is one finding, and the slipped date is the one named, whichever way it went.
#[case::too_early(4, "2026-10-01", "2026-10-04", "starts before station 3 on 2026-10-05")]
#[case::too_late(3, "2026-10-20", "2026-10-23", "starts after station 4 on 2026-10-12")]
fn a_station_out_of_order(#[case] station: usize, #[case] first: &str, #[case] last: &str, #[case] expected: &str) {
    let mut rows = pqu_7();
    set(&mut rows[station - 1], SandboxStart, first);
    set(&mut rows[station - 1], SandboxEnd, last);
    set(&mut rows[station - 1], ProductionStart, "");
    set(&mut rows[station - 1], ProductionEnd, "");
    let line = station + 1;
    assert_eq!(
        told(&rows),
        format!(
            "line {line}: 10.0.48 PQU-7 station {station}: sandbox_start {first}: station out of order, {expected}\n"
        )
    );
}

#[test]
fn one_production_window_beside_the_weekend() {
    let mut rows = pqu_7();
    set(&mut rows[3], ProductionStart, "2026-10-19");
    set(&mut rows[3], ProductionEnd, "2026-10-20");
    assert_eq!(
        told(&rows),
        "line 5: 10.0.48 PQU-7 station 4: production_start 2026-10-19: production window without a weekend day, unlike \
         the others of the train\n"
    );
}

/// A cadence started on another weekday has all its windows there: odd, but no date contradicts another.
#[test]
fn a_train_on_other_weekdays_throughout() {
    assert_eq!(told(&schedule("10.0.48 PQU-7", &cadence("biweekly"), date("2026-10-02"))), "");
}

#[test]
fn a_whole_train_in_another_year() {
    let mut rows = Vec::new();
    for (train, start) in [("PQU-1", "2026-07-08"), ("PQU-2", "2025-07-22"), ("PQU-3", "2026-08-05")] {
        rows.extend(schedule(&format!("10.0.48 {train}"), &cadence("biweekly"), date(start)));
    }
    assert_eq!(
        told(&rows),
        "line 2: 10.0.48 PQU-2: start 2025-07-22: year 2025 does not fit the other trains of the service update, likely \
         2026-07-22\n"
    );
}

/// Every train of a service update, as 10.0.47 had them; each of them in turn a year back, then a year ahead.
#[test]
fn any_train_of_a_long_series_in_another_year() {
    let first = date("2026-04-08");
    for slipped in 0..18 {
        for days in [-365, 365] {
            let mut rows = Vec::new();
            for number in 0..18 {
                let start = first + chrono::TimeDelta::days(14 * number + if number == slipped { days } else { 0 });
                rows.extend(schedule(&format!("10.0.47 PQU-{}", number + 1), &cadence("biweekly"), start));
            }
            let findings = check(&rows, &rules());
            assert_eq!(findings.len(), 1, "{slipped} by {days}: {findings:?}");
            let right = first + chrono::TimeDelta::days(14 * slipped);
            assert!(
                matches!(findings[0].problems[..], [Problem::YearOfTrain { likely, .. }] if likely == right),
                "{slipped} by {days}: {findings:?}"
            );
        }
    }
}

/// A train that contradicts itself does not lead its neighbour astray.
#[test]
fn two_trains_with_a_slip_each() {
    let mut rows = Vec::new();
    for (train, start) in [("PQU-6", "2026-09-16"), ("PQU-7", "2026-09-30"), ("PQU-8", "2026-10-14")] {
        rows.extend(schedule(&format!("10.0.48 {train}"), &cadence("biweekly"), date(start)));
    }
    for (line, row) in (2..).zip(&mut rows) {
        row.line = line;
    }
    for (n, row) in rows.iter_mut().enumerate().skip(6) {
        let column = if n < 12 { Start } else { End };
        let slipped = row.cell(column).replace("2026", "2027");
        set(row, column, &slipped);
    }
    assert_eq!(
        told(&rows),
        "line 8: 10.0.48 PQU-7: start 2027-09-30: year 2027 does not fit the other dates of the train, likely \
         2026-09-30\nline 14: 10.0.48 PQU-8: end 2027-11-08: year 2027 does not fit the other dates of the train, likely \
         2026-11-08\n"
    );
}

/// Most dates of the train are wrong; the train before it says which.
#[test]
fn a_whole_table_in_another_year() {
    let mut rows = schedule("10.0.48 PQU-6", &cadence("biweekly"), date("2026-09-16"));
    rows.extend(pqu_7());
    for row in &mut rows[6..] {
        row.line += 6;
        for column in [SandboxStart, SandboxEnd, ProductionStart, ProductionEnd] {
            let stale = row.cell(column).replace("2026", "2025");
            set(row, column, &stale);
        }
    }
    let findings = check(&rows, &rules());
    assert_eq!(findings.len(), 22, "4 dates a station, 2 of station 1");
    for finding in findings {
        assert!(finding.line > 7 && !matches!(finding.column, Cutoff | Start | End), "{finding}");
        assert!(
            matches!(finding.problems[..], [Problem::YearOfDate { likely, .. }] if likely.year() == 2026),
            "{finding}"
        );
    }
}

#[test]
fn lines_of_one_train_need_not_be_neighbours() {
    let mut rows = pqu_7();
    let other = schedule("10.0.48 PQU-8", &cadence("biweekly"), date("2026-10-14"));
    rows = rows.into_iter().zip(other).flat_map(|(a, b)| [a, b]).collect();
    set(&mut rows[2], Train, "10.0.48 Release-7");
    set(&mut rows[4], Train, "10.0.48-PQU-7");
    assert_eq!(told(&rows), "");
}

#[test]
fn a_line_without_a_train() {
    let mut rows = pqu_7();
    set(&mut rows[2], Train, " ");
    assert_eq!(told(&rows), "line 4: train: no train named\n");
    assert_eq!(told(&[RawRow { line: 9, ..RawRow::default() }]), "", "a blank line is none");
}

#[test]
fn one_line_whatever_the_cell_holds() {
    let mut rows = pqu_7();
    set(&mut rows[2], SandboxStart, &format!("a\nb\u{7}{}", "x".repeat(100)));
    let told = told(&rows);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.chars().count() < 140, "{told}");
}
