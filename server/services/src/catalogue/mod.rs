//! Reads the catalogue: the files of `server/services/catalogue`, shipped inside the binary, or an operator's own.
//!
//! A file that is missing in the operator's directory is taken from the shipped ones. Every mistake names its file,
//! line and column; nothing is guessed and nothing is repaired: trains keep the dates they were published with.
//! Not here: the value itself (`domain::catalogue`) and its tables (`store`).

mod cadences;
pub mod demo;
mod error;
mod regions;
mod service_updates;
mod source;
mod stations;
pub mod table;
#[cfg(test)]
mod tests;
mod trains;

pub use error::CatalogueError;
pub use source::Source;

use domain::catalogue::Catalogue;
use std::path::Path;

/// The catalogue that comes with the binary.
pub fn shipped() -> Result<Catalogue, CatalogueError> {
    load(&Source::Shipped)
}

/// The catalogue of an operator.
pub fn from_directory(directory: &Path) -> Result<Catalogue, CatalogueError> {
    load(&Source::directory(directory)?)
}

pub fn load(source: &Source) -> Result<Catalogue, CatalogueError> {
    let stations_file = source.table("stations.csv", stations::COLUMNS)?;
    let stations = stations::read(&stations_file)?;
    let geographies = regions::read_geographies(&source.table("geographies.csv", regions::GEOGRAPHY_COLUMNS)?)?;
    let regions = regions::read(&source.table("regions.csv", regions::COLUMNS)?, &stations, &geographies)?;
    stations::check_regions(&stations_file, &stations, &regions)?;
    let service_updates = service_updates::read(&source.table("service_updates.csv", service_updates::COLUMNS)?)?;
    let cadences = cadences::read(&source.table("cadences.csv", cadences::COLUMNS)?, &stations)?;
    let trains = trains::read(&source.table("trains.csv", trains::COLUMNS)?, &service_updates, &cadences)?;
    Ok(Catalogue { stations, regions, service_updates, trains, cadences })
}
