//! `stations.csv`. Station 1 is for environments that opted in, whatever their region; every other one has regions. The
//! rules and the pages rely on that, so another arrangement is refused here.

use super::error::CatalogueError;
use super::table::{Cell, Table};
use domain::fleet::{Region, Station, StationNumber};

pub(super) const COLUMNS: &[&str] = &["number", "name", "opt_in"];

pub(super) fn read(table: &Table) -> Result<Vec<Station>, CatalogueError> {
    let stations = table
        .rows()
        .map(|row| {
            row.key("number")?;
            let number = number(row.cell("number"))?;
            let opt_in = row.cell("opt_in");
            if opt_in.truth()? != (number == StationNumber::OPT_IN) {
                return Err(opt_in.wrong(format!("not possible for station {number}: {ONE_OPT_IN}")));
            }
            Ok(Station {
                number,
                name: row.cell("name").required()?.to_owned(),
                opt_in: number == StationNumber::OPT_IN,
            })
        })
        .collect::<Result<Vec<_>, CatalogueError>>()?;
    if !stations.iter().any(|station| station.opt_in) {
        return Err(wrong(table, ONE_OPT_IN.to_owned()));
    }
    Ok(stations)
}

const ONE_OPT_IN: &str = "station 1, and no other, takes the environments that opted in";

fn wrong(table: &Table, wrong: String) -> CatalogueError {
    CatalogueError::Whole { file: table.file().to_owned(), wrong }
}

fn number(cell: Cell<'_>) -> Result<StationNumber, CatalogueError> {
    let number = cell.parse("the number of a station").map(StationNumber)?;
    if (StationNumber(1)..=StationNumber::MAX).contains(&number) {
        Ok(number)
    } else {
        Err(cell.wrong(format!("not the number of a station: from 1 to {}", StationNumber::MAX)))
    }
}

/// No station is visited for nobody.
pub(super) fn check_regions(table: &Table, stations: &[Station], regions: &[Region]) -> Result<(), CatalogueError> {
    let has_regions = |number| regions.iter().any(|region| region.station == Some(number));
    match stations.iter().find(|station| !station.opt_in && !has_regions(station.number)) {
        Some(station) => Err(wrong(table, format!("station {} has no region in regions.csv", station.number))),
        None => Ok(()),
    }
}

/// The station of a region: any but the one that environments opt in to.
pub(super) fn of_region(cell: Cell<'_>, stations: &[Station]) -> Result<StationNumber, CatalogueError> {
    match known(cell, stations)? {
        StationNumber::OPT_IN => Err(cell.wrong(format!("no station of a region: {ONE_OPT_IN}"))),
        number => Ok(number),
    }
}

/// A reference to a station that there is.
pub(super) fn known(cell: Cell<'_>, stations: &[Station]) -> Result<StationNumber, CatalogueError> {
    let number = number(cell)?;
    if stations.iter().any(|station| station.number == number) { Ok(number) } else { Err(cell.unknown("stations.csv")) }
}
