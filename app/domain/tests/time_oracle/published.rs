//! Published hours, fixed in UTC: the nights around each change of the region's clocks are what the catalogue's cells say,
//! whatever the clocks do.

use crate::catalogue::published;
use crate::changes::YEARS;
use crate::oracle::{self, Oracle};
use crate::{Tally, dates_around};
use chrono::{DateTime, Days, Weekday};
use domain::calendar::{DarkHours, MaintenanceDays, Night};

/// By the oracle's nights, looked at one by one from six days before `from` on: the first published date whose night ends
/// after `instant`.
fn first_after(instant: i64, from: chrono::NaiveDate, night: impl Fn(&str) -> oracle::Span) -> String {
    let mut dates = (from - Days::new(6)).iter_days().map(|date| date.to_string());
    dates.find(|date| night(date).1 > instant).unwrap()
}

fn span(night: Night) -> oracle::Span {
    (night.start.timestamp(), night.end.timestamp())
}

#[test]
fn published_nights_agree() {
    let mut tally = Tally::default();
    for (region, hours) in published() {
        let first = if hours.weekend[0] == "Fri" { Weekday::Fri } else { Weekday::Sat };
        let rules = DarkHours::new(hours.hour * 60 + hours.minute, hours.length, first).unwrap();
        let night_of =
            |date: &str| oracle::published_night(date, (hours.hour, hours.minute), hours.length, &hours.weekend);
        for change in Oracle::of(&region.time_zone).changes(YEARS.0, YEARS.1) {
            for date in dates_around(change.at) {
                let what = || format!("{} ({}) on {date}", region.region, region.time_zone);
                let (text, night) = (date.to_string(), rules.night(date).unwrap());
                let expected = night_of(&text);
                tally.same(&span(night), &expected, what);
                tally.same(&night.date.to_string(), &text, what);
                let start_day = night.start.format("%a").to_string();
                tally.same(&start_day, &oracle::weekday(expected.0), what);
                let weekend = MaintenanceDays::Weekend.allow(date);
                tally.same(&weekend, &oracle::is_weekend(&text), what);
                tally.same(&weekend, &is_weekend_night(&text, &start_day, &hours.weekend), what);
                let next = rules.night(date + Days::new(1)).unwrap();
                assert!(night.end <= next.start && night.date < next.date, "{}: overlap", what());
                for instant in [change.at, expected.0, expected.1 - 1, expected.1] {
                    let found = rules.first_date_after(DateTime::from_timestamp(instant, 0).unwrap());
                    tally.same(&found.to_string(), &first_after(instant, date, night_of), what);
                }
            }
        }
    }
    tally.settle("published nights", 100_000);
}

/// A weekend night starts on one of the two published weekdays and has the date that belongs to it. The day that both
/// kinds of region share, Saturday, starts Sunday's night where the weekend begins on Friday.
fn is_weekend_night(date: &str, start_day: &str, weekend: &[String; 2]) -> bool {
    let on = weekend.iter().any(|day| day == start_day);
    assert_eq!(on, oracle::is_weekend(date), "{date}: the published weekdays are those of the weekend's nights");
    on
}
