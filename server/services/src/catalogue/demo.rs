//! `demo/customers.csv`: the made-up customers of `signalbox serve --demo`. Not here: the environments they are given
//! (`demo::fleet`).

use super::error::CatalogueError;
use super::service_updates::SERVICE_UPDATE;
use super::source::Source;
use super::table::{Cell, TableRow};
use domain::catalogue::Catalogue;
use domain::release::ServiceUpdate;

const COLUMNS: &[&str] =
    &["name", "domain", "region", "second_region", "sector", "size", "service_update", "regulated"];

/// How many environments a customer has; the fleet decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoSize {
    Small,
    Medium,
    Large,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoCustomer {
    pub name: String,
    pub domain: String,
    /// Slug of a region of the catalogue.
    pub region: String,
    pub second_region: Option<String>,
    pub sector: String,
    pub size: DemoSize,
    /// The newest that the customer runs.
    pub service_update: ServiceUpdate,
    pub regulated: bool,
}

/// The customers that come with the binary, in the shipped catalogue.
pub fn shipped_customers() -> Result<Vec<DemoCustomer>, CatalogueError> {
    customers(&Source::Shipped, &super::shipped()?)
}

pub fn customers(source: &Source, catalogue: &Catalogue) -> Result<Vec<DemoCustomer>, CatalogueError> {
    source.table("demo/customers.csv", COLUMNS)?.rows().map(|row| customer(row, catalogue)).collect()
}

fn customer(row: TableRow<'_>, catalogue: &Catalogue) -> Result<DemoCustomer, CatalogueError> {
    let size = row.cell("size");
    let number = row.cell("service_update");
    let service_update = number.parse(SERVICE_UPDATE)?;
    if catalogue.service_update(service_update).is_none() {
        return Err(number.unknown("service_updates.csv"));
    }
    let second_region = row.cell("second_region");
    Ok(DemoCustomer {
        name: row.cell("name").required()?.to_owned(),
        domain: row.key("domain")?.to_owned(),
        region: region(row.cell("region"), catalogue)?,
        second_region: second_region.optional().map(|_| region(second_region, catalogue)).transpose()?,
        sector: row.cell("sector").required()?.to_owned(),
        size: match size.text() {
            "s" => DemoSize::Small,
            "m" => DemoSize::Medium,
            "l" => DemoSize::Large,
            _ => return Err(size.wrong("not one of s, m, l")),
        },
        service_update,
        regulated: row.cell("regulated").truth()?,
    })
}

fn region(cell: Cell<'_>, catalogue: &Catalogue) -> Result<String, CatalogueError> {
    let slug = cell.required()?;
    catalogue.region(slug).map(|region| region.slug.clone()).ok_or_else(|| cell.unknown("regions.csv"))
}
