//! One line of a schedule: its cells as text, and as dates where they are dates.

use super::Rules;
use super::finding::{Findings, Problem};
use crate::calendar::iso_date::{IsoDateError, iso_date};
use crate::fleet::StationNumber;
use chrono::NaiveDate;
use std::fmt;

/// The columns of a schedule file, in the order in which findings of one line are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    Train,
    Cutoff,
    Start,
    End,
    Station,
    SandboxStart,
    SandboxEnd,
    ProductionStart,
    ProductionEnd,
}

impl Column {
    pub const ALL: [Self; 9] = [
        Self::Train,
        Self::Cutoff,
        Self::Start,
        Self::End,
        Self::Station,
        Self::SandboxStart,
        Self::SandboxEnd,
        Self::ProductionStart,
        Self::ProductionEnd,
    ];

    /// The header of a schedule file.
    pub const NAMES: [&'static str; 9] = {
        let mut names = [""; 9];
        let mut i = 0;
        while i < names.len() {
            names[i] = Self::ALL[i].name();
            i += 1;
        }
        names
    };

    /// Dates of the train, repeated on each of its lines.
    pub(super) const OF_TRAIN: [Self; 3] = [Self::Cutoff, Self::Start, Self::End];

    /// Dates of one station.
    pub(super) const OF_STATION: [Self; 4] =
        [Self::SandboxStart, Self::SandboxEnd, Self::ProductionStart, Self::ProductionEnd];

    /// As the header of the file has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Cutoff => "cutoff",
            Self::Start => "start",
            Self::End => "end",
            Self::Station => "station",
            Self::SandboxStart => "sandbox_start",
            Self::SandboxEnd => "sandbox_end",
            Self::ProductionStart => "production_start",
            Self::ProductionEnd => "production_end",
        }
    }

    pub(super) fn is_of_train(self) -> bool {
        Self::OF_TRAIN.contains(&self)
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One line as it was read; `cells` in the order of [`Column::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawRow {
    pub line: u64,
    pub cells: [String; Column::ALL.len()],
}

impl RawRow {
    pub fn cell(&self, column: Column) -> &str {
        self.cells[column as usize].trim()
    }

    pub(super) fn is_blank(&self) -> bool {
        Column::ALL.iter().all(|column| self.cell(*column).is_empty())
    }

    /// Empty, or the published way to say "none".
    pub(super) fn is_none(&self, column: Column) -> bool {
        let cell = self.cell(column);
        cell.is_empty() || cell.eq_ignore_ascii_case("NA") || cell.eq_ignore_ascii_case("N/A")
    }
}

/// A line with what could be read of it.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub raw: &'a RawRow,
    /// Position among the lines that are not blank; names the line in [`Findings`].
    pub index: usize,
    pub station: Option<StationNumber>,
    dates: [Option<NaiveDate>; Column::ALL.len()],
}

impl<'a> Row<'a> {
    pub fn read(raw: &'a RawRow, index: usize, rules: &Rules, findings: &mut Findings) -> Self {
        if raw.is_none(Column::Train) {
            findings.add(index, Column::Train, Problem::NoTrain);
        }
        let mut row = Self { raw, index, station: None, dates: [None; Column::ALL.len()] };
        for column in Column::OF_TRAIN.into_iter().chain(Column::OF_STATION) {
            if raw.is_none(column) {
                continue;
            }
            match iso_date(raw.cell(column)) {
                Ok(date) => row.dates[column as usize] = Some(date),
                Err(IsoDateError::Form) => findings.add(index, column, Problem::NotADate),
                Err(IsoDateError::NoSuchDay) => findings.add(index, column, Problem::NoSuchDay),
            }
        }
        row.station = station(raw.cell(Column::Station)).filter(|number| rules.stations.contains_key(number));
        // A line with neither station nor windows gives the train's own dates only.
        let of_train_only =
            raw.is_none(Column::Station) && Column::OF_STATION.iter().all(|column| raw.is_none(*column));
        if row.station.is_none() && !of_train_only {
            findings.add(index, Column::Station, Problem::UnknownStation);
        }
        row
    }

    pub fn date(&self, column: Column) -> Option<NaiveDate> {
        self.dates[column as usize]
    }

    /// Reads the cell as another date from here on (see `year`).
    pub fn set_date(&mut self, column: Column, date: NaiveDate) {
        self.dates[column as usize] = Some(date);
    }
}

/// `4`, or the published `Station 4`.
fn station(cell: &str) -> Option<StationNumber> {
    let number = cell.strip_prefix("Station").or_else(|| cell.strip_prefix("station")).unwrap_or(cell).trim();
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| number.parse().ok().map(StationNumber)).flatten()
}
