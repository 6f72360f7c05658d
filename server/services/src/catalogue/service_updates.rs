//! `service_updates.csv`.

use super::error::CatalogueError;
use super::table::Table;
use domain::release::ServiceUpdateDates;

pub(super) const COLUMNS: &[&str] = &["number", "label", "major", "preview", "ga", "end_of_service"];

/// How the number of a service update is asked for.
pub(super) const SERVICE_UPDATE: &str = "a service update such as 10.0.48";

pub(super) fn read(table: &Table) -> Result<Vec<ServiceUpdateDates>, CatalogueError> {
    table
        .rows()
        .map(|row| {
            row.key("number")?;
            Ok(ServiceUpdateDates {
                number: row.cell("number").parse(SERVICE_UPDATE)?,
                label: row.cell("label").required()?.to_owned(),
                major: row.cell("major").truth()?,
                preview: row.cell("preview").date()?,
                general_availability: row.cell("ga").date()?,
                end_of_service: row.cell("end_of_service").date()?,
            })
        })
        .collect()
}
