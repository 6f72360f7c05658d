//! The facts of a zone for the rules, filled from `chrono-tz`. It keeps its changes to itself, so they are searched.

use chrono::{DateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use domain::calendar::{OffsetChange, ZoneOffsets};

/// No zone changed twice within so short a time in these years; where it had, the lists of changes would differ.
const STRIDE: TimeDelta = TimeDelta::days(1);

/// Some days of margin, so that the rules know the clocks before the first change and after the last.
const FROM: &str = "1999-12-01T00:00:00Z";
const UNTIL: &str = "2041-02-01T00:00:00Z";

pub fn table(zone: &str) -> ZoneOffsets {
    let tz: Tz = zone.parse().unwrap();
    let east = |at: DateTime<Utc>| tz.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
    let (mut at, until) = (FROM.parse::<DateTime<Utc>>().unwrap(), UNTIL.parse::<DateTime<Utc>>().unwrap());
    let mut changes = vec![OffsetChange { at, seconds_east: east(at) }];
    while at < until {
        let next = at + STRIDE;
        if east(next) != east(at) {
            let change = first_second(at, next, |second| east(second) != east(at));
            changes.push(OffsetChange { at: change, seconds_east: east(change) });
        }
        at = next;
    }
    ZoneOffsets::new(zone, changes, until).unwrap()
}

/// The first second of `(from, to]` for which `changed` holds; it holds at `to`, and from then on.
fn first_second(from: DateTime<Utc>, to: DateTime<Utc>, changed: impl Fn(DateTime<Utc>) -> bool) -> DateTime<Utc> {
    let (mut before, mut after) = (from, to);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if changed(middle) { after = middle } else { before = middle }
    }
    after
}
