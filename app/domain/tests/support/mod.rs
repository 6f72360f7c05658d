//! The catalogue's files, read without a CSV library: no cell that the tests need is quoted.

use chrono::NaiveDate;
use domain::calendar::{Cadence, CadenceRow, DayOffsets, iso_date};
use domain::fleet::StationNumber;

macro_rules! catalogue_file {
    ($name:literal) => {
        include_str!(concat!("../../../../server/services/catalogue/", $name))
    };
}

pub const PUBLISHED_STATIONS: &str = catalogue_file!("published_stations.csv");
pub const TRAINS: &str = catalogue_file!("trains.csv");
const CADENCES: &str = catalogue_file!("cadences.csv");

/// Cells of each line after the header, with the number of the line.
pub fn lines(text: &'static str) -> impl Iterator<Item = (u64, Vec<&'static str>)> {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.starts_with('#') && !line.is_empty())
        .skip(1)
        .map(|(number, line)| (number, line.split(',').collect()))
}

pub fn date(text: &str) -> NaiveDate {
    iso_date(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub fn cadence(name: &str) -> Cadence {
    let offsets = |first: &str, last: &str| Some(DayOffsets { first: first.parse().ok()?, last: last.parse().ok()? });
    let mut gap = 0;
    let rows = lines(CADENCES)
        .filter(|(_, cells)| cells[0] == name)
        .map(|(_, cells)| {
            gap = cells[6].parse().unwrap();
            CadenceRow {
                station: StationNumber(cells[1].parse().unwrap()),
                sandbox: offsets(cells[2], cells[3]).unwrap(),
                production: offsets(cells[4], cells[5]),
            }
        })
        .collect();
    Cadence::new(name.to_owned(), gap, rows).unwrap()
}
