//! Hours in local time: the rules' table and the oracle's own reading of the same wall times.

use crate::catalogue::zones;
use crate::changes::YEARS;
use crate::oracle::{Change, Oracle, Span};
use crate::tables::table;
use crate::{Tally, dates_around};
use chrono::{DateTime, Days, NaiveDate};
use domain::calendar::{LocalDarkHours, LocalDarkHoursRow, Night, NightDate, ZoneOffsets, ZonedDarkHours};
use std::sync::Arc;

const DAY: u16 = 24 * 60;
const NOON: u16 = 12 * 60;

/// Wall time and length in minutes: a usual night, one in the hours that clocks skip or repeat, a whole day.
const HOURS: [(u16, u16); 3] = [(22 * 60, 6 * 60), (2 * 60 + 30, 2 * 60), (0, DAY)];

/// What is due at the very wall times between which the clocks change, a minute before them and a half hour after; three
/// hours long.
fn at_the_change(oracle: &Oracle, change: Change) -> Vec<(u16, u16)> {
    let last = oracle.minute_of_day(change.at - 60);
    let first = oracle.minute_of_day(change.at);
    let stopped = (last + 1) % DAY;
    let mut starts = vec![last, first, stopped, (stopped + 30) % DAY, (first + 30) % DAY, (first + DAY - 1) % DAY];
    starts.sort_unstable();
    starts.dedup();
    starts.into_iter().map(|start| (start, 180)).collect()
}

struct Case<'a> {
    zone: &'a str,
    oracle: &'a Oracle,
    rules: ZonedDarkHours,
    start: u16,
    length: u16,
    named_after: bool,
}

impl Case<'_> {
    fn oracle_night(&self, date: NaiveDate) -> Span {
        self.oracle.local_night(&date.to_string(), self.named_after, self.start, self.length)
    }

    fn what(&self, date: NaiveDate) -> String {
        let (hour, minute) = (self.start / 60, self.start % 60);
        format!("{} on {date}, {hour:02}:{minute:02} for {} minutes", self.zone, self.length)
    }

    fn first_after(&self, instant: i64, near: NaiveDate) -> NaiveDate {
        (near - Days::new(4)).iter_days().find(|date| self.oracle_night(*date).1 > instant).unwrap()
    }

    fn compare(&self, change: Change, tally: &mut Tally, overlaps: &mut u64) {
        let span = |night: Night| (night.start.timestamp(), night.end.timestamp());
        let skipped = i64::from((change.after - change.before).max(0));
        for date in dates_around(change.at) {
            let night = self.rules.night(date).unwrap();
            let expected = self.oracle_night(date);
            tally.same(&span(night), &expected, || self.what(date));
            tally.same(&(expected.1 - expected.0), &(i64::from(self.length) * 60), || self.what(date));
            let next = self.rules.night(date + Days::new(1)).unwrap();
            let into_next = night.end.timestamp() - next.start.timestamp();
            assert!(night.start < next.start, "{}: out of order", self.what(date));
            // Only what is as long as a day can run into the next night, and only by what the clocks skip.
            let allowed = if i64::from(self.length) * 60 + skipped > 86_400 { skipped } else { 0 };
            assert!(into_next <= allowed, "{}: overlaps by {into_next} s", self.what(date));
            *overlaps += u64::from(into_next > 0);
        }
        for instant in [change.at - 1, change.at, change.at + 1] {
            let at = DateTime::from_timestamp(instant, 0).unwrap();
            let expected = self.first_after(instant, at.date_naive());
            tally.same(&self.rules.first_date_after(at).unwrap(), &expected, || self.what(expected));
        }
    }
}

fn rules(offsets: &Arc<ZoneOffsets>, start_minute: u16, length_minutes: u16, date: NightDate) -> ZonedDarkHours {
    let row = LocalDarkHoursRow { zone: offsets.name().to_owned(), start_minute, length_minutes, date };
    LocalDarkHours::try_from(row).unwrap().on_clocks(Arc::clone(offsets)).unwrap()
}

#[test]
fn local_nights_agree() {
    let (mut tally, mut overlaps, mut forward, mut days) = (Tally::default(), 0, 0_u64, 0_u64);
    for zone in zones().into_keys() {
        let (offsets, oracle) = (Arc::new(table(&zone)), Oracle::of(&zone));
        for change in oracle.changes(YEARS.0, YEARS.1) {
            forward += u64::from(change.after > change.before);
            days += 1;
            for (start, length) in HOURS.into_iter().chain(at_the_change(&oracle, change)) {
                let names: &[NightDate] =
                    if start < NOON { &[NightDate::OfStart] } else { &[NightDate::OfStart, NightDate::AfterStart] };
                for date in names.iter().copied() {
                    let named_after = date == NightDate::AfterStart;
                    let rules = rules(&offsets, start, length, date);
                    let case = Case { zone: &zone, oracle: &oracle, rules, start, length, named_after };
                    case.compare(change, &mut tally, &mut overlaps);
                }
            }
        }
    }
    println!("local nights: {days} changes of a zone, {forward} forward; {overlaps} nights run into the next");
    // Each change forward shortens one day of 24 hours, and nothing else overlaps.
    assert_eq!(overlaps, forward, "only a night of 24 hours runs into the next, at each change forward");
    tally.settle("local nights", 100_000);
}
