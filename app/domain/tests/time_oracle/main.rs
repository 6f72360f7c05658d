//! Nights agree with an independent oracle, date by date around every change of the clocks from 2000 to 2040, for every
//! region of the shipped catalogue.
//!
//! Two libraries with their own zone data and their own arithmetic: the rules' tables are filled from `chrono-tz`, the
//! server's zone database; the oracle asks `jiff` and its bundled data. Nothing of the rules is used on the oracle's side: it reads
//! the catalogue's cells itself. `cargo test -p domain --test time_oracle -- --nocapture` prints what was compared.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod catalogue;
mod changes;
mod known;
mod local;
mod oracle;
mod published;
mod tables;

use chrono::{DateTime, NaiveDate};

/// Around each change: this many days before it and after it.
const DAYS_AROUND: u64 = 3;

/// What was compared, by kind, and what differed.
#[derive(Default)]
struct Tally {
    compared: u64,
    differences: Vec<String>,
}

impl Tally {
    /// `what` names zone and date; it is asked only where the two differ.
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, rules: &T, oracle: &T, what: impl FnOnce() -> String) {
        self.compared += 1;
        if rules != oracle {
            self.differences.push(format!("{}: the rules say {rules:?}, the oracle {oracle:?}", what()));
        }
    }

    /// Prints the count. Fails with every difference by zone and date, and where fewer than `at_least` were compared.
    fn settle(self, name: &str, at_least: u64) {
        println!("{name}: {} comparisons, {} differences", self.compared, self.differences.len());
        let shown: Vec<_> = self.differences.iter().take(40).cloned().collect();
        assert!(self.differences.is_empty(), "{} differences:\n{}", self.differences.len(), shown.join("\n"));
        assert!(self.compared >= at_least, "{name}: only {} comparisons, {at_least} expected", self.compared);
    }
}

fn date_of(seconds: i64) -> NaiveDate {
    DateTime::from_timestamp(seconds, 0).unwrap().date_naive()
}

/// The dates around a change, in UTC; local dates are at most one off, which the days around cover.
fn dates_around(seconds: i64) -> impl Iterator<Item = NaiveDate> {
    let first = date_of(seconds) - chrono::Days::new(DAYS_AROUND);
    first.iter_days().take(usize::try_from(2 * DAYS_AROUND + 1).unwrap())
}
