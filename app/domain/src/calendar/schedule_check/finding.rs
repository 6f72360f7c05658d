//! What can be wrong with a date, and the sentence for it.

use super::row::{Column, Row};
use crate::fleet::StationNumber;
use crate::number::counted;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;
use std::fmt;

/// One reason why a cell contradicts the calendar, its line, its train or its neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    NoTrain,
    NotADate,
    NoSuchDay,
    /// The year does not fit the other dates of the train; the other findings read the date as `likely`.
    YearOfDate {
        given: NaiveDate,
        likely: NaiveDate,
    },
    /// All dates of the train agree with each other, and none with the other trains of the service update.
    YearOfTrain {
        given: NaiveDate,
        likely: NaiveDate,
    },
    /// The same train has another date elsewhere.
    Differs {
        line: u64,
        date: NaiveDate,
    },
    CutoffAfterStart {
        start: NaiveDate,
    },
    EndBeforeStart {
        start: NaiveDate,
    },
    TrainTooLong {
        days: i64,
        at_most: i64,
    },
    UnknownStation,
    StationRepeated {
        line: u64,
    },
    StationOutOfOrder {
        after: StationNumber,
    },
    HalfWindow {
        missing: Column,
    },
    WindowTooLong {
        days: i64,
        at_most: i64,
    },
    BeforeTrain {
        days: i64,
        start: NaiveDate,
    },
    AfterTrain {
        days: i64,
        end: NaiveDate,
    },
    NoProductionHere,
    ProductionBeforeSandbox {
        sandbox: NaiveDate,
    },
    GapTooShort {
        days: i64,
        at_least: i64,
        sandbox: NaiveDate,
    },
    NotAtWeekend,
    BeforeEarlierStation {
        station: StationNumber,
        date: NaiveDate,
    },
    AfterLaterStation {
        station: StationNumber,
        date: NaiveDate,
    },
}

/// `1 day`, `2 days`.
struct DayCount(i64);

impl fmt::Display for DayCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}", counted(self.0.unsigned_abs(), "day", "days"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTrain => f.write_str("no train named"),
            Self::NotADate => f.write_str("not a date written YYYY-MM-DD"),
            Self::NoSuchDay => f.write_str("the calendar has no such day"),
            Self::YearOfDate { given, likely } => {
                write!(f, "year {} does not fit the other dates of the train, likely {likely}", given.year())
            }
            Self::YearOfTrain { given, likely } => {
                write!(f, "year {} does not fit the other trains of the service update, likely {likely}", given.year())
            }
            Self::Differs { line, date } => write!(f, "the same train has {date} in line {line}"),
            Self::CutoffAfterStart { start } => write!(f, "cutoff after the train's start {start}"),
            Self::EndBeforeStart { start } => write!(f, "end before start {start}"),
            Self::TrainTooLong { days, at_most } => {
                write!(f, "train of {}, at most {at_most} allowed", DayCount(*days))
            }
            Self::UnknownStation => f.write_str("unknown station"),
            Self::StationRepeated { line } => write!(f, "the train already has this station in line {line}"),
            Self::StationOutOfOrder { after } => write!(f, "out of order, comes after station {after}"),
            Self::HalfWindow { missing } => write!(f, "half a window, {missing} is missing"),
            Self::WindowTooLong { days, at_most } => {
                write!(f, "window of {}, at most {at_most} allowed", DayCount(*days))
            }
            Self::BeforeTrain { days, start } => {
                write!(f, "outside the train, {} before its start {start}", DayCount(*days))
            }
            Self::AfterTrain { days, end } => write!(f, "outside the train, {} after its end {end}", DayCount(*days)),
            Self::NoProductionHere => f.write_str("this station has no production window"),
            Self::ProductionBeforeSandbox { sandbox } => {
                write!(f, "production before sandbox, whose window starts {sandbox}")
            }
            Self::GapTooShort { days, at_least, sandbox } => write!(
                f,
                "production {} after the start of the sandbox window {sandbox}, at least {at_least} needed",
                DayCount(*days)
            ),
            Self::NotAtWeekend => {
                f.write_str("production window without a weekend day, unlike the others of the train")
            }
            Self::BeforeEarlierStation { station, date } => {
                write!(f, "station out of order, starts before station {station} on {date}")
            }
            Self::AfterLaterStation { station, date } => {
                write!(f, "station out of order, starts after station {station} on {date}")
            }
        }
    }
}

/// One cell with all that is wrong with it. `Display` is one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub line: u64,
    pub train: String,
    /// Empty where the cell belongs to the train.
    pub station: String,
    pub column: Column,
    pub value: String,
    pub problems: Vec<Problem>,
}

/// Longest cell text that a finding repeats.
const SHOWN_CHARS_MAX: usize = 40;

/// A cell holds any text; a finding is one short line.
fn shown(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for c in text.chars().take(SHOWN_CHARS_MAX) {
        write!(f, "{}", if c.is_control() { '\u{fffd}' } else { c })?;
    }
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() { f.write_str("…") } else { Ok(()) }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.train.is_empty() {
            shown(f, &self.train)?;
            let named = !self.station.is_empty() && self.column != Column::Station;
            if named {
                f.write_str(" station ")?;
                shown(f, &self.station)?;
            }
            f.write_str(": ")?;
        }
        self.column.fmt(f)?;
        if !self.value.is_empty() {
            f.write_str(" ")?;
            shown(f, &self.value)?;
        }
        for (i, problem) in self.problems.iter().enumerate() {
            f.write_str(if i == 0 { ": " } else { "; " })?;
            problem.fmt(f)?;
        }
        Ok(())
    }
}

/// Problems by cell, while they are collected.
#[derive(Debug, Default)]
pub(super) struct Findings(BTreeMap<(usize, Column), Vec<Problem>>);

impl Findings {
    pub fn add(&mut self, index: usize, column: Column, problem: Problem) {
        self.0.entry((index, column)).or_default().push(problem);
    }

    pub fn into_sorted(self, rows: &[Row<'_>]) -> Vec<Finding> {
        let finding = |((index, column), problems): ((usize, Column), Vec<Problem>)| {
            let raw = rows.get(index)?.raw;
            let station = if column.is_of_train() { "" } else { raw.cell(Column::Station) };
            let number = station.trim_start_matches("Station").trim_start_matches("station").trim();
            Some(Finding {
                line: raw.line,
                train: raw.cell(Column::Train).to_owned(),
                station: number.to_owned(),
                column,
                value: raw.cell(column).to_owned(),
                problems,
            })
        };
        self.0.into_iter().filter_map(finding).collect()
    }
}
