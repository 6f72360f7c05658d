//! `cadences.csv`: one line a station of a cadence.

use super::error::CatalogueError;
use super::stations;
use super::table::{Table, TableRow};
use domain::calendar::{Cadence, CadenceRow, DayOffsets};
use domain::fleet::Station;

pub(super) const COLUMNS: &[&str] = &[
    "cadence",
    "station",
    "sandbox_first_day",
    "sandbox_last_day",
    "production_first_day",
    "production_last_day",
    "min_gap_days",
];

const DAYS: &str = "a number of days";

pub(super) fn read(table: &Table, stations: &[Station]) -> Result<Vec<Cadence>, CatalogueError> {
    let mut by_name: Vec<(&str, Vec<TableRow<'_>>)> = Vec::new();
    for row in table.rows() {
        let name = row.cell("cadence").required()?;
        match by_name.iter_mut().find(|(known, _)| *known == name) {
            Some((_, rows)) => rows.push(row),
            None => by_name.push((name, vec![row])),
        }
    }
    if by_name.is_empty() {
        return Err(CatalogueError::Empty { file: table.file().to_owned() });
    }
    by_name.into_iter().map(|(name, rows)| cadence(table, name, &rows, stations)).collect()
}

fn cadence(table: &Table, name: &str, rows: &[TableRow<'_>], stations: &[Station]) -> Result<Cadence, CatalogueError> {
    let mut min_gap_days = None;
    for row in rows {
        let cell = row.cell("min_gap_days");
        let days: u16 = cell.parse(DAYS)?;
        if *min_gap_days.get_or_insert(days) != days {
            return Err(cell.wrong("not the gap of the other lines of this cadence"));
        }
    }
    let line = rows.first().map_or(0, |row| row.line);
    let rows = rows.iter().map(|row| station(*row, stations)).collect::<Result<_, _>>()?;
    Cadence::new(name.to_owned(), min_gap_days.unwrap_or_default(), rows).map_err(|source| CatalogueError::Cadence {
        file: table.file().to_owned(),
        line,
        source,
    })
}

fn station(row: TableRow<'_>, stations: &[Station]) -> Result<CadenceRow, CatalogueError> {
    let days = |column| row.cell(column).parse(DAYS);
    let (first, last) = (row.cell("production_first_day"), row.cell("production_last_day"));
    let production = match (first.optional(), last.optional()) {
        (None, None) => None,
        _ => Some(DayOffsets { first: first.parse(DAYS)?, last: last.parse(DAYS)? }),
    };
    Ok(CadenceRow {
        station: stations::known(row.cell("station"), stations)?,
        sandbox: DayOffsets { first: days("sandbox_first_day")?, last: days("sandbox_last_day")? },
        production,
    })
}
