//! Windows computed from the cadences equal the published ones, train by train.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use chrono::NaiveDate;
use domain::calendar::StageWindow;
use domain::fleet::{Audience, StageKey, StationNumber};
use std::collections::BTreeMap;
use support::{PUBLISHED_STATIONS, TRAINS, cadence, date, lines};

const STATION: fn(u8, Audience, &str, &str) -> StageWindow = |station, audience, first, last| StageWindow {
    stage: StageKey { station: StationNumber(station), audience },
    first: date(first),
    last: date(last),
};

#[test]
fn biweekly_10_0_48_pqu_7() {
    use Audience::{Production, Sandbox};
    let published = [
        STATION(1, Sandbox, "2026-09-30", "2026-10-03"),
        STATION(2, Sandbox, "2026-10-05", "2026-10-08"),
        STATION(2, Production, "2026-10-10", "2026-10-11"),
        STATION(3, Sandbox, "2026-10-05", "2026-10-08"),
        STATION(3, Production, "2026-10-10", "2026-10-11"),
        STATION(4, Sandbox, "2026-10-12", "2026-10-15"),
        STATION(4, Production, "2026-10-17", "2026-10-18"),
        STATION(5, Sandbox, "2026-10-19", "2026-10-22"),
        STATION(5, Production, "2026-10-24", "2026-10-25"),
        STATION(6, Sandbox, "2026-10-19", "2026-10-22"),
        STATION(6, Production, "2026-10-24", "2026-10-25"),
    ];
    assert_eq!(cadence("biweekly").windows(date("2026-09-30")), published);
}

#[test]
fn monthly_10_0_44_pqu_8() {
    use Audience::{Production, Sandbox};
    let published = [
        STATION(1, Sandbox, "2026-01-26", "2026-01-29"),
        STATION(2, Sandbox, "2026-02-02", "2026-02-05"),
        STATION(2, Production, "2026-02-14", "2026-02-15"),
        STATION(3, Sandbox, "2026-02-03", "2026-02-06"),
        STATION(3, Production, "2026-02-14", "2026-02-15"),
        STATION(4, Sandbox, "2026-02-09", "2026-02-12"),
        STATION(4, Production, "2026-02-21", "2026-02-22"),
        STATION(5, Sandbox, "2026-02-16", "2026-02-19"),
        STATION(5, Production, "2026-02-28", "2026-03-01"),
        STATION(6, Sandbox, "2026-02-17", "2026-02-20"),
        STATION(6, Production, "2026-02-28", "2026-03-01"),
    ];
    assert_eq!(cadence("monthly").windows(date("2026-01-26")), published);
}

/// Every train of the catalogue whose station windows were published.
#[test]
fn every_published_train_of_the_catalogue() {
    let mut published: BTreeMap<&str, Vec<StageWindow>> = BTreeMap::new();
    for (_, cells) in lines(PUBLISHED_STATIONS) {
        let station = cells[1].parse().unwrap();
        let windows = published.entry(cells[0]).or_default();
        windows.push(STATION(station, Audience::Sandbox, cells[2], cells[3]));
        if !cells[4].is_empty() {
            windows.push(STATION(station, Audience::Production, cells[4], cells[5]));
        }
    }
    let trains: BTreeMap<String, (NaiveDate, &str)> = lines(TRAINS)
        .map(|(_, cells)| (format!("{} PQU-{}", cells[0], cells[1]), (date(cells[3]), cells[8])))
        .collect();
    let mut compared = 0;
    for (train, windows) in published {
        // 10.0.30 Release-4 is older than the trains of the catalogue.
        let Some((start, name)) = trains.get(train) else { continue };
        assert_eq!(cadence(name).windows(*start), windows, "{train}");
        compared += 1;
    }
    assert_eq!(compared, 7);
}

/// The partial train of 2023, before station 1 existed: its day 0 is the first day of the train.
#[test]
fn monthly_10_0_30_release_4() {
    let windows = cadence("monthly").windows(date("2023-03-06"));
    for (_, cells) in lines(PUBLISHED_STATIONS).filter(|(_, cells)| cells[0] == "10.0.30 Release-4") {
        let station = cells[1].parse().unwrap();
        assert!(windows.contains(&STATION(station, Audience::Sandbox, cells[2], cells[3])));
        assert!(windows.contains(&STATION(station, Audience::Production, cells[4], cells[5])));
    }
}
