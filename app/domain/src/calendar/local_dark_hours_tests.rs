use super::super::zone_offsets::tests::{apia, berlin, tables};
use super::*;
use crate::calendar::MaintenanceDays;
use chrono::{Datelike, Weekday};
use proptest::prelude::*;
use rstest::rstest;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn row(zone: &str, start_minute: u16, length_minutes: u16, date: NightDate) -> LocalDarkHoursRow {
    LocalDarkHoursRow { zone: zone.to_owned(), start_minute, length_minutes, date }
}

fn zoned(offsets: ZoneOffsets, start_minute: u16, length_minutes: u16, date: NightDate) -> ZonedDarkHours {
    let hours = LocalDarkHours::try_from(row(offsets.name(), start_minute, length_minutes, date)).unwrap();
    hours.on_clocks(Arc::new(offsets)).unwrap()
}

const EVENING: u16 = 22 * 60;
const HALF_PAST_TWO: u16 = 2 * 60 + 30;

#[rstest]
#[case::winter(EVENING, 360, NightDate::AfterStart, "2026-03-28", "2026-03-27T21:00:00Z", "2026-03-28T03:00:00Z")]
// 22:00–05:00 on the wall: six hours pass all the same
#[case::over_spring(EVENING, 360, NightDate::AfterStart, "2026-03-29", "2026-03-28T21:00:00Z", "2026-03-29T03:00:00Z")]
#[case::summer(EVENING, 360, NightDate::AfterStart, "2026-03-30", "2026-03-29T20:00:00Z", "2026-03-30T02:00:00Z")]
#[case::over_autumn(EVENING, 360, NightDate::AfterStart, "2026-10-25", "2026-10-24T20:00:00Z", "2026-10-25T02:00:00Z")]
#[case::of_start(EVENING, 360, NightDate::OfStart, "2026-10-24", "2026-10-24T20:00:00Z", "2026-10-25T02:00:00Z")]
#[case::skipped(HALF_PAST_TWO, 120, NightDate::OfStart, "2026-03-29", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z")]
#[case::twice(HALF_PAST_TWO, 120, NightDate::OfStart, "2026-10-25", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z")]
#[case::whole_day(0, 1440, NightDate::OfStart, "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T23:00:00Z")]
fn nights_of_berlin(
    #[case] start: u16,
    #[case] length: u16,
    #[case] named: NightDate,
    #[case] on: &str,
    #[case] from: &str,
    #[case] to: &str,
) {
    let hours = RegionHours::from(zoned(berlin(), start, length, named));
    let night = Night { date: date(on), start: instant(from), end: instant(to) };
    assert_eq!(hours.night(date(on)), Some(night));
}

#[rstest]
#[case::of_start(NightDate::OfStart, [Weekday::Sat, Weekday::Sun])]
#[case::after_start(NightDate::AfterStart, [Weekday::Fri, Weekday::Sat])]
fn weekend_nights_are_those_named_so(#[case] named: NightDate, #[case] begin_on: [Weekday; 2]) {
    let hours = zoned(berlin(), EVENING, 360, named);
    let days = date("2026-10-19").iter_days().take(7);
    let weekend = days.filter(|date| MaintenanceDays::Weekend.allow(*date)).map(|date| hours.night(date).unwrap());
    let begin: Vec<_> = weekend.map(|night| berlin().wall_time(night.start).unwrap().weekday()).collect();
    assert_eq!(begin, begin_on);
}

#[test]
fn fixed_and_local_hours_are_asked_alike() {
    let fixed = RegionHours::from(DarkHours::new(21 * 60, 360, Weekday::Fri).unwrap());
    let local = RegionHours::from(zoned(berlin(), EVENING, 360, NightDate::AfterStart));
    let winter = date("2026-12-05");
    assert_eq!(fixed.night(winter), local.night(winter));
    let at = instant("2026-12-05T03:00:00Z");
    assert_eq!((fixed.first_date_after(at), local.first_date_after(at)), (Some(date("2026-12-06")), winter.succ_opt()));
    assert_ne!(fixed.night(date("2026-07-05")), local.night(date("2026-07-05")));
}

/// The night due on the day that Samoa skipped begins with the next day, together with that day's own.
#[test]
fn the_night_of_a_skipped_day_begins_after_it() {
    let hours = zoned(apia(), 0, 240, NightDate::OfStart);
    let [before, skipped, after] =
        ["2011-12-29", "2011-12-30", "2011-12-31"].map(|day| hours.night(date(day)).unwrap());
    assert_eq!(before.end, instant("2011-12-29T14:00:00Z"));
    assert_eq!((skipped.start, skipped.date), (instant("2011-12-30T10:00:00Z"), date("2011-12-30")));
    assert_eq!((after.start, after.end), (skipped.start, skipped.end));
}

#[test]
fn nothing_is_said_beyond_the_table() {
    let hours = zoned(berlin(), EVENING, 360, NightDate::AfterStart);
    assert_eq!(hours.night(date("2025-10-20")), None);
    assert_eq!(hours.night(date("2027-03-29")), None);
    assert_eq!(hours.first_date_after(instant("2025-10-27T00:00:00Z")), None);
    assert_eq!(hours.first_date_after(instant("2025-10-31T01:00:00Z")), Some(date("2025-10-31")));
    assert_eq!(hours.first_date_after(instant("2027-04-02T00:00:00Z")), None);
}

#[test]
fn refuses_what_is_no_window() {
    let refused =
        |zone: &str, start, length, date| LocalDarkHours::try_from(row(zone, start, length, date)).unwrap_err();
    let zone = "Europe/Berlin";
    assert_eq!(refused("", 0, 360, NightDate::OfStart), LocalDarkHoursError::NoZone);
    assert_eq!(refused(zone, 1440, 360, NightDate::OfStart), LocalDarkHoursError::NoTimeOfDay(1440));
    assert_eq!(refused(zone, 0, 0, NightDate::OfStart), LocalDarkHoursError::NoLength(0));
    assert_eq!(refused(zone, 0, 1441, NightDate::OfStart), LocalDarkHoursError::NoLength(1441));
    assert_eq!(refused(zone, 719, 60, NightDate::AfterStart), LocalDarkHoursError::BeginsInTheMorning);
    let noon = LocalDarkHours::try_from(row(zone, 720, 60, NightDate::AfterStart)).unwrap();
    let other = ZoneOffsets::new("Europe/Paris", berlin().changes().to_vec(), berlin().until()).unwrap();
    let wrong = LocalDarkHoursError::OtherZone { hours: zone.to_owned(), offsets: "Europe/Paris".to_owned() };
    assert_eq!(noon.on_clocks(Arc::new(other)), Err(wrong));
}

#[test]
fn is_checked_when_it_is_read() {
    let json = |start: u16| {
        format!(r#"{{"zone":"Europe/Berlin","start_minute":{start},"length_minutes":360,"date":"after_start"}}"#)
    };
    let hours: LocalDarkHours = serde_json::from_str(&json(EVENING)).unwrap();
    assert_eq!(serde_json::to_string(&hours).unwrap(), json(EVENING));
    assert!(serde_json::from_str::<LocalDarkHours>(&json(60)).is_err());
}

/// Local dark hours on any clocks: wall time, length, name.
fn any_hours(length: std::ops::RangeInclusive<u16>) -> impl Strategy<Value = ZonedDarkHours> {
    (tables(), 0_u16..1440, length, any::<bool>()).prop_map(|(offsets, start, length, after)| {
        let named = if after && start >= NOON_MINUTE { NightDate::AfterStart } else { NightDate::OfStart };
        zoned(offsets, start, length, named)
    })
}

/// Dates about the changes of the table, where it matters, and one anywhere.
fn dates(hours: &ZonedDarkHours, day: u64) -> Vec<NaiveDate> {
    let first = date("2000-01-06");
    let around = |at: DateTime<Utc>| (at.date_naive() - Days::new(3)).iter_days().take(7);
    let near = hours.offsets.changes().iter().flat_map(|change| around(change.at)).filter(|date| *date >= first);
    near.chain([first + Days::new(day)]).collect()
}

proptest! {
    /// 1,260 minutes are a day less the largest gap that the tables have, 3 hours.
    #[test]
    fn nights_follow_each_other_and_keep_their_length(hours in any_hours(1..=1260), day in 0_u64..390) {
        for date in dates(&hours, day) {
            let (a, b) = (hours.night(date).unwrap(), hours.night(date + Days::new(1)).unwrap());
            prop_assert_eq!((a.end - a.start).num_minutes(), i64::from(hours.hours.length_minutes));
            prop_assert!(a.end <= b.start, "{:?} {:?}", a, b);
        }
    }

    #[test]
    fn longer_nights_overlap_by_no_more_than_the_gap(hours in any_hours(1261..=1440), day in 0_u64..390) {
        for date in dates(&hours, day) {
            let (a, b) = (hours.night(date).unwrap(), hours.night(date + Days::new(1)).unwrap());
            prop_assert_eq!((a.end - a.start).num_minutes(), i64::from(hours.hours.length_minutes));
            prop_assert!(a.start < b.start && a.end < b.end);
            prop_assert!(a.end - b.start <= hours.offsets.largest_gap());
        }
    }

    #[test]
    fn first_date_after_is_the_first(hours in any_hours(1..=1440), day in 0_u64..390, minute in 0_i64..1440) {
        for date in dates(&hours, day) {
            let instant = date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(minute);
            let found = hours.first_date_after(instant).unwrap();
            prop_assert!(hours.night(found).unwrap().end > instant);
            prop_assert!(hours.night(found - Days::new(1)).unwrap().end <= instant);
        }
    }

    #[test]
    fn the_end_itself_belongs_to_the_next_night(hours in any_hours(1..=1260), day in 0_u64..390) {
        for date in dates(&hours, day) {
            let night = hours.night(date).unwrap();
            prop_assert_eq!(hours.first_date_after(night.end), date.succ_opt());
            prop_assert_eq!(hours.first_date_after(night.end - TimeDelta::seconds(1)), Some(date));
        }
    }
}
