//! `stations.csv`.

use super::error::CatalogueError;
use super::table::{Cell, Table};
use domain::fleet::{Station, StationNumber};

pub(super) const COLUMNS: &[&str] = &["number", "name", "opt_in"];

pub(super) fn read(table: &Table) -> Result<Vec<Station>, CatalogueError> {
    let stations = table
        .rows()
        .map(|row| {
            row.key("number")?;
            Ok(Station {
                number: number(row.cell("number"))?,
                name: row.cell("name").required()?.to_owned(),
                opt_in: row.cell("opt_in").truth()?,
            })
        })
        .collect::<Result<Vec<_>, CatalogueError>>()?;
    if stations.is_empty() {
        return Err(CatalogueError::Empty { file: table.file().to_owned() });
    }
    Ok(stations)
}

fn number(cell: Cell<'_>) -> Result<StationNumber, CatalogueError> {
    cell.parse("the number of a station").map(StationNumber)
}

/// A reference to a station that there is.
pub(super) fn known(cell: Cell<'_>, stations: &[Station]) -> Result<StationNumber, CatalogueError> {
    let number = number(cell)?;
    if stations.iter().any(|station| station.number == number) { Ok(number) } else { Err(cell.unknown("stations.csv")) }
}
