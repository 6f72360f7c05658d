//! `trains.csv`. Dates are kept as published, wrong ones too: `signalbox schedule check` names them.

use super::error::CatalogueError;
use super::service_updates::SERVICE_UPDATE;
use super::table::{Table, TableRow};
use domain::calendar::Cadence;
use domain::release::{ServiceUpdateDates, Train, TrainId, TrainStatus};
use std::collections::BTreeMap;

pub(super) const COLUMNS: &[&str] =
    &["service_update", "pqu", "cutoff", "start", "end", "status", "app_build", "platform_build", "cadence", "note"];

const BUILD: &str = "a build such as 10.0.2645.147";

pub(super) fn read(
    table: &Table,
    service_updates: &[ServiceUpdateDates],
    cadences: &[Cadence],
) -> Result<Vec<Train>, CatalogueError> {
    let mut lines: BTreeMap<TrainId, u64> = BTreeMap::new();
    let mut trains = Vec::new();
    for row in table.rows() {
        let train = train(row, service_updates, cadences)?;
        if let Some(first) = lines.insert(train.id, row.line) {
            return Err(row.cell("pqu").repeated(first));
        }
        trains.push(train);
    }
    Ok(trains)
}

fn train(
    row: TableRow<'_>,
    service_updates: &[ServiceUpdateDates],
    cadences: &[Cadence],
) -> Result<Train, CatalogueError> {
    let number = row.cell("service_update");
    let service_update = number.parse(SERVICE_UPDATE)?;
    if service_updates.iter().all(|known| known.number != service_update) {
        return Err(number.unknown("service_updates.csv"));
    }
    let cadence = row.cell("cadence");
    if cadences.iter().all(|known| known.name != cadence.text()) {
        return Err(cadence.unknown("cadences.csv"));
    }
    Ok(Train {
        id: TrainId { service_update, number: row.cell("pqu").parse("the number of a train")? },
        cutoff: row.cell("cutoff").date()?,
        start: row.cell("start").date()?,
        end: row.cell("end").date()?,
        status: status(row)?,
        app_build: row.cell("app_build").parse_optional(BUILD)?,
        platform_build: row.cell("platform_build").parse_optional(BUILD)?,
        cadence: cadence.text().to_owned(),
        note: row.cell("note").text().to_owned(),
    })
}

/// As the published schedule spells it.
fn status(row: TableRow<'_>) -> Result<TrainStatus, CatalogueError> {
    let cell = row.cell("status");
    match cell.text() {
        "Not Started" => Ok(TrainStatus::NotStarted),
        "In-Progress" => Ok(TrainStatus::InProgress),
        "Completed" => Ok(TrainStatus::Completed),
        "Canceled" => Ok(TrainStatus::Canceled),
        "Partially Canceled" => Ok(TrainStatus::PartiallyCanceled),
        _ => Err(cell.wrong("not one of Not Started, In-Progress, Completed, Canceled, Partially Canceled")),
    }
}
