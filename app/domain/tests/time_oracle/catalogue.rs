//! The shipped regions and their published hours, read cell by cell for both sides.

use serde::Deserialize;
use std::collections::BTreeMap;

const REGIONS: &str = include_str!("../../../../server/services/catalogue/regions.csv");
const GEOGRAPHIES: &str = include_str!("../../../../server/services/catalogue/geographies.csv");

#[derive(Debug, Clone, Deserialize)]
pub struct Geography {
    pub name: String,
    /// `18:30`; empty where none is published.
    pub dark_start_utc: Option<String>,
    pub dark_minutes: Option<u16>,
    /// `Fri Sat` or `Sat Sun`: the UTC weekdays on which weekend nights start.
    pub weekend_start_days: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct RegionRow {
    pub region: String,
    pub geography: Option<String>,
    pub time_zone: String,
}

/// Published hours of a region.
#[derive(Debug, Clone)]
pub struct Published {
    pub hour: u16,
    pub minute: u16,
    pub length: u16,
    pub weekend: [String; 2],
}

fn read<T: for<'de> Deserialize<'de>>(text: &'static str) -> Vec<T> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

pub fn regions() -> Vec<RegionRow> {
    read(REGIONS)
}

/// The zones of the catalogue, with the regions that lie in each.
pub fn zones() -> BTreeMap<String, Vec<String>> {
    let mut zones = BTreeMap::<String, Vec<String>>::new();
    for row in regions() {
        zones.entry(row.time_zone).or_default().push(row.region);
    }
    zones
}

/// Regions with published hours.
pub fn published() -> Vec<(RegionRow, Published)> {
    let hours: BTreeMap<String, Geography> =
        read::<Geography>(GEOGRAPHIES).into_iter().map(|row| (row.name.clone(), row)).collect();
    let of = |region: &RegionRow| {
        let row = hours.get(region.geography.as_ref()?).unwrap();
        let (hour, minute) = row.dark_start_utc.as_ref()?.split_once(':').unwrap();
        let (first, second) = row.weekend_start_days.as_ref()?.split_once(' ').unwrap();
        Some(Published {
            hour: hour.parse().unwrap(),
            minute: minute.parse().unwrap(),
            length: row.dark_minutes?,
            weekend: [first.to_owned(), second.to_owned()],
        })
    };
    regions().into_iter().filter_map(|region| of(&region).map(|hours| (region, hours))).collect()
}
