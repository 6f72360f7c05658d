//! On any text: total and deterministic. On any cadence: silent. On one wrong year: exactly that is said.

use crate::support::cadence;
use crate::{row, rules, schedule, set};
use chrono::{Datelike, Days, NaiveDate};
use domain::calendar::schedule_check::{Column, Problem, RawRow, Rules, check};
use domain::calendar::{Cadence, CadenceRow, DayOffsets};
use domain::fleet::StationNumber;
use proptest::prelude::*;

fn day(number: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Days::new(number)
}

/// Dates, near misses and any text.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0_u64..4000).prop_map(|number| day(number).to_string()),
        1 => "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        1 => Just(String::new()),
        1 => Just("NA".to_owned()),
        1 => "\\PC{0,12}",
    ]
}

fn any_row() -> impl Strategy<Value = RawRow> {
    let train = prop_oneof!["10\\.0\\.4[0-9] PQU-[1-3]", "\\PC{0,8}"];
    let station = prop_oneof!["[0-9]", "\\PC{0,4}"];
    (any::<u64>(), train, station, prop::collection::vec(cell(), 7)).prop_map(|(line, train, station, dates)| {
        row(line, &[&train, &dates[0], &dates[1], &dates[2], &station, &dates[3], &dates[4], &dates[5], &dates[6]])
    })
}

/// Six stations in order, windows within the published lengths, production on the same weekdays throughout.
fn any_cadence() -> impl Strategy<Value = Cadence> {
    let station = (0_u16..=5, 0_u16..=3, 0_u16..=1);
    (0_u16..=9, 0_u16..=1, prop::collection::vec(station, 6)).prop_map(|(first_gap, production_days, stations)| {
        let (mut sandbox, mut production) = (0, 5 + first_gap);
        let mut rows = Vec::new();
        for (number, (later, sandbox_days, weeks)) in (1..).zip(stations) {
            sandbox += later;
            production += 7 * weeks;
            while production < sandbox + 5 {
                production += 7;
            }
            let production = DayOffsets { first: production, last: production + production_days };
            rows.push(CadenceRow {
                station: StationNumber(number),
                sandbox: DayOffsets { first: sandbox, last: sandbox + sandbox_days },
                production: (number > 1).then_some(production),
            });
        }
        Cadence::new("any".to_owned(), 5, rows).unwrap()
    })
}

proptest! {
    #[test]
    fn any_text_has_findings_in_a_fixed_order(rows in prop::collection::vec(any_row(), 0..12)) {
        let findings = check(&rows, &rules());
        prop_assert_eq!(&findings, &check(&rows, &rules()));
        for finding in findings {
            prop_assert!(!finding.problems.is_empty());
            prop_assert_eq!(finding.to_string().lines().count(), 1);
        }
    }

    #[test]
    fn a_schedule_made_from_a_cadence_has_none(cadence in any_cadence(), start in 0_u64..4000) {
        let rows = schedule("10.0.48 PQU-7", &cadence, day(start));
        prop_assert_eq!(check(&rows, &Rules::of(&[cadence])), []);
    }

    #[test]
    fn one_wrong_year_is_one_finding(
        monthly: bool,
        start in 0_u64..4000,
        line in 0_usize..6,
        column in prop::sample::select(&[Column::SandboxStart, Column::SandboxEnd, Column::ProductionStart, Column::ProductionEnd][..]),
        years in prop::sample::select(&[-10, -2, -1, 1, 2, 10][..]),
    ) {
        let cadence = cadence(if monthly { "monthly" } else { "biweekly" });
        let mut rows = schedule("10.0.48 PQU-7", &cadence, day(start));
        let right: Option<NaiveDate> = rows[line].cell(column).parse().ok();
        let wrong = right.and_then(|date| date.with_year(date.year() + years));
        prop_assume!(wrong.is_some());
        let (right, given) = (right.unwrap(), wrong.unwrap());
        set(&mut rows[line], column, &given.to_string());
        let findings = check(&rows, &rules());
        prop_assert_eq!(findings.len(), 1);
        prop_assert_eq!((findings[0].line, findings[0].column), (rows[line].line, column));
        prop_assert_eq!(&findings[0].problems, &[Problem::YearOfDate { given, likely: right }]);
    }
}
