//! The two libraries know the same changes of the clocks.

use crate::catalogue::{regions, zones};
use crate::known::{KNOWN, Known};
use crate::oracle::{Change, Oracle};
use crate::tables::table;
use crate::{Tally, date_of};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::IANA_TZDB_VERSION;
use domain::calendar::OffsetChange;
use std::collections::BTreeSet;

/// An empty table, or one that ends early, must not pass for agreement: 48 regions, 31 of them with two changes each of
/// 41 years (31 × 82 = 2,542), Brazil until 2019 and Mexico until 2022.
const CHANGES_MIN: usize = 2_000;

/// 2000 to 2040, both included.
pub const YEARS: (i16, i16) = (2000, 2041);

/// What the rules' table says of the same years, in the oracle's words.
fn of_table(zone: &str) -> Vec<Change> {
    let table = table(zone);
    let years = ["2000-01-01T00:00:00Z", "2041-01-01T00:00:00Z"].map(|text| text.parse::<DateTime<Utc>>().unwrap());
    let within = table.changes().iter().filter(|change| (years[0]..years[1]).contains(&change.at));
    let before = |change: &OffsetChange| table.seconds_east(change.at - TimeDelta::seconds(1)).unwrap();
    within
        .map(|change| Change { at: change.at.timestamp(), before: before(change), after: change.seconds_east })
        .collect()
}

/// The changes that both know, and those that only one of them knows, are the same: each by its instant.
fn compare(zone: &str, rules: &[Change], oracle: &[Change], tally: &mut Tally) {
    let instants: BTreeSet<i64> = rules.iter().chain(oracle).map(|change| change.at).collect();
    for at in instants {
        let find = |list: &[Change]| list.iter().find(|change| change.at == at).copied();
        tally.same(&find(rules), &find(oracle), || format!("{zone} on {}", date_of(at)));
    }
}

#[test]
fn both_libraries_know_the_same_changes_where_regions_are() {
    let mut tally = Tally::default();
    let mut seen = 0;
    for (zone, regions) in zones() {
        let (rules, oracle) = (of_table(&zone), Oracle::of(&zone).changes(YEARS.0, YEARS.1));
        assert!(KNOWN.iter().all(|known| known.zone != zone), "{zone} has regions: no difference there is excused");
        seen += regions.len() * oracle.len();
        compare(&zone, &rules, &oracle, &mut tally);
    }
    let (regions, zones) = (regions().len(), zones().len());
    println!("{regions} regions, {zones} zones, {seen} changes of a region's clocks");
    assert!(seen > CHANGES_MIN, "only {seen} changes of the clocks");
    tally.settle("changes where regions are", 1_000);
}

/// Local hours may be in any zone that the server knows, not only in those of the regions.
#[test]
fn in_all_zones_they_differ_only_where_it_is_known() {
    let mut tally = Tally::default();
    let zones = chrono_tz::TZ_VARIANTS.map(chrono_tz::Tz::name);
    for zone in zones {
        let (mut rules, mut oracle) = (of_table(zone), Oracle::of(zone).changes(YEARS.0, YEARS.1));
        if let Some(known) = KNOWN.iter().find(|known| known.zone == zone) {
            assert!(on(known, &rules) != on(known, &oracle), "{zone}: no difference on {} any more", known.from);
            let before = |change: &Change| date_of(change.at) < known.date();
            rules.retain(before);
            oracle.retain(before);
        }
        compare(zone, &rules, &oracle, &mut tally);
    }
    println!(
        "{} zones, {} of them up to a known difference; rules: data {IANA_TZDB_VERSION}",
        zones.len(),
        KNOWN.len()
    );
    tally.settle("changes in all zones", 15_000);
}

fn on(known: &Known, changes: &[Change]) -> Vec<Change> {
    changes.iter().filter(|change| date_of(change.at) == known.date()).copied().collect()
}

#[test]
fn between_the_changes_the_clocks_show_the_same() {
    let mut tally = Tally::default();
    for zone in zones().into_keys() {
        let (table, oracle) = (table(&zone), Oracle::of(&zone));
        let around = oracle.changes(YEARS.0, YEARS.1).into_iter().flat_map(|change| [change.at - 1, change.at]);
        // Each 10 days and an odd hour: every hour of the day and day of the week comes by.
        let strides = (0..1_450).map(|stride: i64| 946_684_800 + stride * (10 * 86_400 + 3_607));
        for at in around.chain(strides) {
            let instant = DateTime::from_timestamp(at, 0).unwrap();
            let rules = table.wall_time(instant).unwrap().format("%Y-%m-%dT%H:%M:%S").to_string();
            tally.same(&rules, &oracle.wall(at), || format!("{zone} at {instant}"));
        }
    }
    tally.settle("wall clocks", 30_000);
}
