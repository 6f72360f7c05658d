//! The checker of published schedules: on real ones, rule by rule, and on any text at all.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod properties;
mod published;
mod rules;
#[path = "../support/mod.rs"]
mod support;

use chrono::NaiveDate;
use domain::calendar::Cadence;
use domain::calendar::schedule_check::{Column, RawRow, Rules, check};
use domain::fleet::Audience;
use support::cadence;

fn rules() -> Rules {
    Rules::of(&[cadence("monthly"), cadence("biweekly")])
}

fn row(line: u64, cells: &[&str]) -> RawRow {
    RawRow { line, cells: std::array::from_fn(|i| cells[i].to_owned()) }
}

fn told(rows: &[RawRow]) -> String {
    check(rows, &rules()).iter().fold(String::new(), |told, finding| told + &finding.to_string() + "\n")
}

fn set(row: &mut RawRow, column: Column, text: &str) {
    text.clone_into(&mut row.cells[column as usize]);
}

/// The schedule of a train that follows `cadence`, one line a station from line 2 on, without a mistake.
fn schedule(train: &str, cadence: &Cadence, start: NaiveDate) -> Vec<RawRow> {
    let windows = cadence.windows(start);
    let end = windows.iter().map(|window| window.last).max().unwrap();
    let lines = (2..).zip(cadence.rows());
    lines
        .map(|(line, station)| {
            let number = station.station;
            let dates = |audience| {
                let of_stage = |window: &&_| {
                    let window: &domain::calendar::StageWindow = window;
                    window.stage.station == number && window.stage.audience == audience
                };
                let window = windows.iter().find(of_stage);
                window.map_or_else(<[String; 2]>::default, |window| [window.first.to_string(), window.last.to_string()])
            };
            let [sandbox_start, sandbox_end] = dates(Audience::Sandbox);
            let [production_start, production_end] = dates(Audience::Production);
            let cells = [
                train.to_owned(),
                start.to_string(),
                start.to_string(),
                end.to_string(),
                number.to_string(),
                sandbox_start,
                sandbox_end,
                production_start,
                production_end,
            ];
            RawRow { line, cells }
        })
        .collect()
}
