//! The shipped files are whole; an operator's mistakes are named with file, line and column.

use super::table::{Table, TableError};
use super::*;
use chrono::{Datelike, Weekday};
use demo::{DemoSize, shipped_customers};
use domain::calendar::DarkHours;
use domain::fleet::StationNumber;
use domain::release::TrainStatus;
use std::fs;
use store::{Db, OpenOptions};
use tempfile::TempDir;

fn slug(catalogue: &Catalogue, slug: &str) -> domain::fleet::Region {
    catalogue.region(slug).unwrap().clone()
}

#[test]
fn the_shipped_catalogue_is_whole() {
    let catalogue = shipped().unwrap();
    assert_eq!(catalogue.stations.len(), 6);
    let counts: Vec<usize> = (2..=6)
        .map(|number| catalogue.regions.iter().filter(|region| region.station == Some(StationNumber(number))).count())
        .collect();
    assert_eq!(counts, [6, 11, 7, 3, 3], "regions of stations 2 to 6 as published");
    let names: Vec<&str> = catalogue.cadences.iter().map(|cadence| cadence.name.as_str()).collect();
    assert_eq!(names, ["monthly", "biweekly"]);
    let train = catalogue.train("10.0.48 PQU-7".parse().unwrap()).unwrap();
    assert_eq!(train.app_build.unwrap().to_string(), "10.0.2645.147");
    assert_eq!(train.status, TrainStatus::InProgress);
    assert!(train.note.contains("one day before the last production day"));
}

/// Or every start with an operator's files would write all of it again.
#[tokio::test]
async fn the_shipped_catalogue_comes_back_from_the_tables_as_it_was() {
    let directory = TempDir::new().unwrap();
    let url = format!("sqlite:{}", directory.path().join("catalogue.db").display());
    let db = Db::open(&url, &OpenOptions::default()).await.unwrap();
    db.migrate().await.unwrap();
    let catalogue = shipped().unwrap();
    let tx = db.begin().await.unwrap();
    store::catalogue::replace(&tx, &catalogue).await.unwrap();
    tx.commit().await.unwrap();
    let mut known = store::catalogue::load(db.reader()).await.unwrap();
    assert!(known.agrees_with(&catalogue));
    assert_ne!(known, catalogue, "the order differs, and does not matter");
    known.trains[0].note.push('!');
    assert!(!known.agrees_with(&catalogue));
    db.close().await.unwrap();
}

#[test]
fn what_is_unknown_stays_unknown() {
    let catalogue = shipped().unwrap();
    let dublin = slug(&catalogue, "north-europe");
    assert_eq!(
        dublin.dark_hours.map(|hours| (hours.start_minute(), hours.weekend_first())),
        Some((22 * 60, Weekday::Fri))
    );
    let india = slug(&catalogue, "india-central");
    assert_eq!(india.dark_hours.map(DarkHours::start_minute), Some(18 * 60 + 30));
    // A station and a geography, but no hours are published for it.
    let dod = slug(&catalogue, "dod");
    assert_eq!((dod.station, dod.geography.as_deref(), dod.dark_hours), (Some(StationNumber(6)), Some("DoD"), None));
    // Neither a station nor a geography.
    let berlin = slug(&catalogue, "germany-west-central");
    assert_eq!((berlin.station, berlin.geography, berlin.dark_hours), (None, None, None));
}

#[test]
fn odd_dates_are_kept_as_published() {
    let catalogue = shipped().unwrap();
    let train = catalogue.train("10.0.46 PQU-1".parse().unwrap()).unwrap();
    assert_eq!((train.start.year(), train.cutoff.year()), (2025, 2026));
}

#[test]
fn the_demo_customers() {
    let customers = shipped_customers().unwrap();
    assert_eq!(customers.len(), 200);
    assert_eq!((customers[0].name.as_str(), customers[1].domain.as_str()), ("Contoso", "fabrikam.example"));
    assert_eq!((customers[0].second_region.as_deref(), customers[0].size), (Some("west-europe"), DemoSize::Medium));
    assert!(customers.iter().any(|customer| customer.regulated));
}

/// An operator's directory with one file changed.
fn with(file: &str, change: impl Fn(&str) -> String) -> Result<Catalogue, String> {
    let directory = TempDir::new().unwrap();
    let shipped = fs::read_to_string(format!("{}/catalogue/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    fs::write(directory.path().join(file), change(&shipped)).unwrap();
    let path = format!("{}/", directory.path().display());
    from_directory(directory.path()).map_err(|error| error.to_string().replace(&path, ""))
}

fn mistake(file: &str, from: &str, to: &str) -> String {
    let changed = with(file, |text| {
        assert!(text.contains(from), "{file} does not hold {from}");
        text.replacen(from, to, 1)
    });
    changed.unwrap_err()
}

#[test]
fn a_file_that_is_not_there_is_the_shipped_one() {
    let two_more_days = with("cadences.csv", |text| text.replace("biweekly,1,0,3,", "biweekly,1,0,1,")).unwrap();
    assert_eq!(two_more_days.trains, shipped().unwrap().trains);
    assert_eq!(two_more_days.cadence("biweekly").unwrap().rows()[0].sandbox.last, 1);
}

#[test]
fn a_directory_without_any_file_of_a_catalogue_is_refused() {
    let directory = TempDir::new().unwrap();
    assert!(matches!(from_directory(directory.path()), Err(CatalogueError::NoCatalogue(_))));
    assert!(matches!(from_directory(&directory.path().join("nowhere")), Err(CatalogueError::NoCatalogue(_))));
}

/// File, text in it, what an operator wrote instead, what they are told.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    (
        "regions.csv",
        "public,2,Canada,",
        "public,2,Kanada,",
        "regions.csv line 8, column geography: `Kanada` is not in geographies.csv",
    ),
    (
        "regions.csv",
        "public,2,Canada,",
        "public,9,Canada,",
        "regions.csv line 8, column station: `9` is not in stations.csv",
    ),
    (
        "regions.csv",
        "America/Toronto",
        "America/Torono",
        "regions.csv line 8, column time_zone: `America/Torono` is not a time zone such as Europe/Dublin",
    ),
    (
        "regions.csv",
        "canada-east,",
        "canada-central,",
        "regions.csv line 9, column region: `canada-central` is already in line 8",
    ),
    (
        "regions.csv",
        ",public,",
        ",private,",
        "regions.csv line 8, column cloud: `private` is not one of public, gcc, dod, china",
    ),
    (
        "geographies.csv",
        "13:00,",
        "25:00,",
        "geographies.csv line 7, column dark_start_utc: `25:00` is not a time such as 18:30",
    ),
    ("geographies.csv", "13:00,360,", "13:00,,", "geographies.csv line 7, column dark_minutes: `` is empty"),
    (
        "geographies.csv",
        "13:00,360,Fri Sat",
        "13:00,360,Sun Mon",
        "geographies.csv line 7, column weekend_start_days: `Sun Mon` is neither `Fri Sat` nor `Sat Sun`",
    ),
    (
        "trains.csv",
        "2026-01-21",
        "2026-01-32",
        "trains.csv line 7, column cutoff: `2026-01-32` is no date: the calendar has no such day",
    ),
    ("trains.csv", ",monthly,", ",weekly,", "trains.csv line 7, column cadence: `weekly` is not in cadences.csv"),
    (
        "trains.csv",
        "10.0.44,8",
        "10.0.43,8",
        "trains.csv line 7, column service_update: `10.0.43` is not in service_updates.csv",
    ),
    ("trains.csv", "10.0.46,2", "10.0.46,1", "trains.csv line 9, column pqu: `1` is already in line 8"),
    (
        "trains.csv",
        ",Completed,",
        ",Done,",
        "trains.csv line 7, column status: `Done` is not one of Not Started, In-Progress, Completed, Canceled, Partially Canceled",
    ),
    (
        "cadences.csv",
        "monthly,2,7,10",
        "monthly,2,7,6",
        "cadences.csv line 7: cadence monthly: station 2 ends a window before it begins",
    ),
    (
        "cadences.csv",
        "19,20,5",
        "19,20,6",
        "cadences.csv line 8, column min_gap_days: `6` is not the gap of the other lines of this cadence",
    ),
    (
        "stations.csv",
        "number,name",
        "nr,name",
        "stations.csv has no column `number`; columns needed, separated by commas: number,name,opt_in",
    ),
    (
        "stations.csv",
        "6,Station 6",
        "10,Station 10",
        "stations.csv line 10, column number: `10` is not the number of a station: from 1 to 9",
    ),
    (
        "stations.csv",
        "2,Station 2,false",
        "2,Station 2,true",
        "stations.csv line 6, column opt_in: `true` is not possible for station 2: station 1, and no other, takes the environments that opted in",
    ),
    (
        "stations.csv",
        "1,Station 1,true",
        "7,Station 7,false",
        "stations.csv: station 1, and no other, takes the environments that opted in",
    ),
    (
        "stations.csv",
        "6,Station 6",
        "6,Station 6,false,\n7,Station 7",
        "stations.csv: station 7 has no region in regions.csv",
    ),
    (
        "regions.csv",
        "public,2,Canada,",
        "public,1,Canada,",
        "regions.csv line 8, column station: `1` is no station of a region: station 1, and no other, takes the environments that opted in",
    ),
    (
        "service_updates.csv",
        "10.0.44,CY25Q3,false,",
        "10.0.44,CY25Q3,",
        "service_updates.csv line 5 has 7 cells, the header has 8",
    ),
];

#[test]
fn mistakes_are_named_with_file_line_and_column() {
    for (file, from, to, expected) in MISTAKES {
        assert_eq!(mistake(file, from, to), *expected);
    }
}

#[test]
fn lines_are_counted_over_comments_blank_lines_and_quoted_breaks() {
    let text = "\u{feff}# about\n\n# more\nb,a\r\n1,\"x\ny\"\r\n\r\n# between\n\n2,z,\n";
    let table = Table::parse("t.csv", text, &["a", "b"]).unwrap();
    let expected = [(5, vec!["x\ny".to_owned(), "1".to_owned()]), (10, vec!["z".to_owned(), "2".to_owned()])];
    assert_eq!(table.into_rows(), expected);
}

#[test]
fn a_file_that_is_no_table() {
    let twice = Table::parse("t.csv", "a,a\n", &["a"]);
    assert!(matches!(twice, Err(TableError::RepeatedColumn { column: "a", .. })));
    assert!(matches!(Table::parse("t.csv", "", &["a"]), Err(TableError::MissingColumn { column: "a", .. })));
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("latin1.csv");
    fs::write(&path, b"a\nb\n\xe9\n").unwrap();
    assert!(matches!(table::read_text(&path), Err(TableError::NotUtf8 { line: 3, .. })));
    assert!(matches!(table::read_text(directory.path()), Err(TableError::Unreadable { .. })));
}
