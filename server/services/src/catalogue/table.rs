//! A CSV file with named columns: UTF-8, the first line that is no comment is the header, lines that start with `#` are
//! comments. Columns may come in any order, and there may be more of them.
//! The commands that read other such files use it too.

use super::error::CatalogueError;
use chrono::NaiveDate;
use domain::calendar::iso_date;
use std::path::Path;
use std::str::FromStr;
use std::{fs, io};
use thiserror::Error;

/// The file is no such table.
#[derive(Debug, Error)]
pub enum TableError {
    #[error("{file} cannot be read: {source}")]
    Unreadable { file: String, source: io::Error },
    #[error("{file} is not UTF-8 text: line {line}")]
    NotUtf8 { file: String, line: usize },
    #[error("{file} has no column `{column}`; columns needed, separated by commas: {needed}")]
    MissingColumn { file: String, column: &'static str, needed: String },
    #[error("{file} has the column `{column}` twice")]
    RepeatedColumn { file: String, column: &'static str },
    #[error("{file} line {line} has {found} cells, the header has {expected}")]
    Ragged { file: String, line: u64, found: usize, expected: usize },
    #[error("{file} line {line} is no CSV: {source}")]
    Broken { file: String, line: u64, source: csv::Error },
}

/// The text of a file, or why it has none.
pub fn read_text(path: &Path) -> Result<String, TableError> {
    let file = path.display().to_string();
    let bytes = fs::read(path).map_err(|source| TableError::Unreadable { file: file.clone(), source })?;
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.split(|byte| *byte == b'\n').count().saturating_sub(1);
        TableError::NotUtf8 { file, line }
    })
}

#[derive(Debug)]
pub struct Table {
    file: String,
    columns: &'static [&'static str],
    rows: Vec<(u64, Vec<String>)>,
}

impl Table {
    /// `file` is only named in errors. Cells are trimmed. One line that is not as long as the header is an error.
    pub fn parse(file: &str, text: &str, columns: &'static [&'static str]) -> Result<Self, TableError> {
        let (table, ragged) = Self::lenient(file, text, columns)?;
        ragged.into_iter().next().map_or(Ok(table), Err)
    }

    /// The lines that are as long as the header, and an error for each other one.
    pub fn lenient(
        file: &str,
        text: &str,
        columns: &'static [&'static str],
    ) -> Result<(Self, Vec<TableError>), TableError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let broken = |line, source| TableError::Broken { file: file.to_owned(), line, source };
        let header = reader.headers().map_err(|error| broken(1, error))?.clone();
        let positions = positions(file, &header, columns)?;
        let (mut rows, mut ragged) = (Vec::new(), Vec::new());
        for record in reader.records() {
            let record = record.map_err(|error| broken(error.position().map_or(0, csv::Position::line), error))?;
            let line = record.position().map_or(0, |position| line_of(text, position));
            let more = record.iter().skip(header.len()).any(|cell| !cell.is_empty());
            if record.len() < header.len() || more {
                let (found, expected) = (record.len(), header.len());
                ragged.push(TableError::Ragged { file: file.to_owned(), line, found, expected });
                continue;
            }
            let cells = positions.iter().map(|position| record.get(*position).unwrap_or_default().to_owned()).collect();
            rows.push((line, cells));
        }
        Ok((Self { file: file.to_owned(), columns, rows }, ragged))
    }

    pub fn file(&self) -> &str {
        &self.file
    }

    /// Lines with their cells in the order of the columns asked for.
    pub fn into_rows(self) -> Vec<(u64, Vec<String>)> {
        self.rows
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = TableRow<'_>> {
        self.rows.iter().map(|(line, cells)| TableRow { table: self, line: *line, cells })
    }
}

fn positions(
    file: &str,
    header: &csv::StringRecord,
    columns: &'static [&'static str],
) -> Result<Vec<usize>, TableError> {
    let position = |column: &'static str| {
        let mut found = header.iter().enumerate().filter(|(_, name)| *name == column).map(|(position, _)| position);
        match (found.next(), found.next()) {
            (Some(position), None) => Ok(position),
            (Some(_), Some(_)) => Err(TableError::RepeatedColumn { file: file.to_owned(), column }),
            (None, _) => Err(TableError::MissingColumn { file: file.to_owned(), column, needed: columns.join(",") }),
        }
    };
    columns.iter().copied().map(position).collect()
}

/// The reader gives the place where it began to look for the record, which is before comments and blank lines.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let ahead = text.get(start..).unwrap_or_default();
    let skipped = ahead.split('\n').take_while(|line| line.starts_with('#') || line.trim_end_matches('\r').is_empty());
    position.line() + u64::try_from(skipped.count()).unwrap_or(0)
}

#[derive(Debug, Clone, Copy)]
pub(super) struct TableRow<'a> {
    table: &'a Table,
    pub line: u64,
    cells: &'a [String],
}

impl<'a> TableRow<'a> {
    /// One of the columns that the table was parsed with.
    pub fn cell(self, column: &'static str) -> Cell<'a> {
        let position = self.table.columns.iter().position(|name| *name == column);
        let text = position.and_then(|position| self.cells.get(position)).map_or("", String::as_str);
        Cell { file: &self.table.file, line: self.line, column, text }
    }

    /// The key of the row, which no other row has.
    pub fn key(self, column: &'static str) -> Result<&'a str, CatalogueError> {
        let cell = self.cell(column);
        let key = cell.required()?;
        match self.table.rows().find(|row| row.cell(column).text == key) {
            Some(first) if first.line < self.line => Err(cell.repeated(first.line)),
            _ => Ok(key),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'a> {
    file: &'a str,
    line: u64,
    column: &'static str,
    text: &'a str,
}

impl<'a> Cell<'a> {
    pub const fn text(self) -> &'a str {
        self.text
    }

    pub fn optional(self) -> Option<&'a str> {
        (!self.text.is_empty()).then_some(self.text)
    }

    pub fn required(self) -> Result<&'a str, CatalogueError> {
        self.optional().ok_or_else(|| self.wrong("empty"))
    }

    /// `expected`: "a number of days".
    pub fn parse<T: FromStr>(self, expected: &str) -> Result<T, CatalogueError> {
        self.required()?.parse().map_err(|_| self.wrong(format!("not {expected}")))
    }

    pub fn parse_optional<T: FromStr>(self, expected: &str) -> Result<Option<T>, CatalogueError> {
        self.optional().map(|_| self.parse(expected)).transpose()
    }

    pub fn date(self) -> Result<NaiveDate, CatalogueError> {
        iso_date(self.required()?).map_err(|error| self.wrong(format!("no date: {error}")))
    }

    pub fn truth(self) -> Result<bool, CatalogueError> {
        self.parse("true or false")
    }

    /// `wrong` completes "`value` is …".
    pub fn wrong(self, wrong: impl Into<String>) -> CatalogueError {
        let (file, value) = (self.file.to_owned(), self.text.to_owned());
        CatalogueError::Value { file, line: self.line, column: self.column, value, wrong: wrong.into() }
    }

    /// The cell names something that `target` does not have.
    pub fn unknown(self, target: &'static str) -> CatalogueError {
        let (file, value) = (self.file.to_owned(), self.text.to_owned());
        CatalogueError::Unknown { file, line: self.line, column: self.column, value, target }
    }

    pub fn repeated(self, first: u64) -> CatalogueError {
        let (file, value) = (self.file.to_owned(), self.text.to_owned());
        CatalogueError::Repeated { file, line: self.line, column: self.column, value, first }
    }
}
