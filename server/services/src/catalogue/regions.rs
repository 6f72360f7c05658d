//! `regions.csv` and `geographies.csv`. A region is dark when its geography is; either may be unknown.

use super::error::CatalogueError;
use super::stations;
use super::table::{Cell, Table, TableRow};
use chrono::Weekday;
use chrono_tz::Tz;
use domain::calendar::DarkHours;
use domain::fleet::{Cloud, Region, Station};
use std::collections::BTreeMap;

pub(super) const COLUMNS: &[&str] = &["region", "name", "cloud", "station", "geography", "time_zone"];
pub(super) const GEOGRAPHY_COLUMNS: &[&str] = &["name", "dark_start_utc", "dark_minutes", "weekend_start_days"];

/// Dark hours by name; `None` where none are published.
pub(super) type Geographies = BTreeMap<String, Option<DarkHours>>;

pub(super) fn read_geographies(table: &Table) -> Result<Geographies, CatalogueError> {
    table.rows().map(|row| Ok((row.key("name")?.to_owned(), dark_hours(row)?))).collect()
}

fn dark_hours(row: TableRow<'_>) -> Result<Option<DarkHours>, CatalogueError> {
    let cells = ["dark_start_utc", "dark_minutes", "weekend_start_days"].map(|column| row.cell(column));
    if cells.iter().all(|cell| cell.optional().is_none()) {
        return Ok(None);
    }
    let [start, length, weekend] = cells;
    let start_minute = minute_of_day(start)?;
    let minutes = length.parse("a number of minutes")?;
    let first = match weekend.required()? {
        "Fri Sat" => Weekday::Fri,
        "Sat Sun" => Weekday::Sat,
        _ => return Err(weekend.wrong("neither `Fri Sat` nor `Sat Sun`")),
    };
    let hours = DarkHours::new(start_minute, minutes, first);
    hours.map(Some).ok_or_else(|| length.wrong("not a length between a minute and a day"))
}

/// `18:30`.
fn minute_of_day(cell: Cell<'_>) -> Result<u16, CatalogueError> {
    let number = |text: &str, below: u16| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|number| digits && *number < below)
    };
    let (hour, minute) = cell.required()?.split_once(':').unwrap_or_default();
    match (number(hour, 24), number(minute, 60)) {
        (Some(hour), Some(minute)) => Ok(hour * 60 + minute),
        _ => Err(cell.wrong("not a time such as 18:30")),
    }
}

pub(super) fn read(
    table: &Table,
    stations: &[Station],
    geographies: &Geographies,
) -> Result<Vec<Region>, CatalogueError> {
    table.rows().map(|row| region(row, stations, geographies)).collect()
}

fn region(row: TableRow<'_>, stations: &[Station], geographies: &Geographies) -> Result<Region, CatalogueError> {
    let cloud = row.cell("cloud");
    let station = row.cell("station");
    let geography = row.cell("geography");
    let dark_hours = match geography.optional() {
        Some(name) => *geographies.get(name).ok_or_else(|| geography.unknown("geographies.csv"))?,
        None => None,
    };
    let time_zone = row.cell("time_zone");
    time_zone.parse::<Tz>("a time zone such as Europe/Dublin")?;
    Ok(Region {
        slug: row.key("region")?.to_owned(),
        name: row.cell("name").required()?.to_owned(),
        cloud: match cloud.text() {
            "public" => Cloud::Public,
            "gcc" => Cloud::Gcc,
            "dod" => Cloud::Dod,
            "china" => Cloud::China,
            _ => return Err(cloud.wrong("not one of public, gcc, dod, china")),
        },
        station: station.optional().map(|_| stations::of_region(station, stations)).transpose()?,
        geography: geography.optional().map(str::to_owned),
        dark_hours,
        time_zone: time_zone.text().to_owned(),
    })
}
