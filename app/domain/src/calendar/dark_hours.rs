//! Dark hours: the low-use window of a geography, published as fixed UTC times (no daylight saving), six hours long,
//! with the two UTC weekdays on which its weekend nights start.
//! Source: planned-maintenance page of the vendor, figures in `catalogue/geographies.csv`.

use super::night::Night;
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};

pub const MINUTES_PER_DAY: u16 = 24 * 60;

/// Invariant: `start_minute` < 1440, 0 < `length_minutes` ≤ 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DarkHours {
    start_minute: u16,
    length_minutes: u16,
    weekend_first: Weekday,
}

impl DarkHours {
    /// `weekend_first` is the first of the two UTC weekdays on which weekend nights start: Friday or Saturday.
    /// `None` where the numbers do not describe a window within one day's length.
    pub fn new(start_minute: u16, length_minutes: u16, weekend_first: Weekday) -> Option<Self> {
        let fits = start_minute < MINUTES_PER_DAY && (1..=MINUTES_PER_DAY).contains(&length_minutes);
        let weekend = matches!(weekend_first, Weekday::Fri | Weekday::Sat);
        (fits && weekend).then_some(Self { start_minute, length_minutes, weekend_first })
    }

    pub const fn start_minute(self) -> u16 {
        self.start_minute
    }

    pub const fn length_minutes(self) -> u16 {
        self.length_minutes
    }

    pub const fn weekend_first(self) -> Weekday {
        self.weekend_first
    }

    /// A published schedule names a night by its date in the region: the weekend of "10–11 October" is, for Europe,
    /// the nights that start on Friday 9 and Saturday 10 at 22:00 UTC. Where weekend nights start on Friday (UTC) the
    /// night therefore belongs to the next day; where they start on Saturday, to the same.
    const fn days_before(self) -> u64 {
        match self.weekend_first {
            Weekday::Fri => 1,
            _ => 0,
        }
    }

    /// The night that the published date `date` names in this region. `None` beyond the calendar's range.
    pub fn night(self, date: NaiveDate) -> Option<Night> {
        let day = date.checked_sub_days(Days::new(self.days_before()))?;
        let start =
            day.and_hms_opt(0, 0, 0)?.and_utc().checked_add_signed(TimeDelta::minutes(self.start_minute.into()))?;
        let end = start.checked_add_signed(TimeDelta::minutes(self.length_minutes.into()))?;
        Some(Night { date, start, end })
    }

    /// The first published date whose night ends after `instant`.
    pub fn first_date_after(self, instant: DateTime<Utc>) -> NaiveDate {
        // A night of date d starts at most one day before d and ends at most two days after its start.
        let mut date = instant.date_naive() - Days::new(1);
        while self.night(date).is_some_and(|night| night.end <= instant) {
            date = date + Days::new(1);
        }
        date
    }

    pub fn is_weekend(date: NaiveDate) -> bool {
        matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[rstest]
    // geography, start, weekend first, published Saturday, start and end of its night in UTC
    #[case::europe(22 * 60, Weekday::Fri, "2026-10-09T22:00:00Z", "2026-10-10T04:00:00Z")]
    #[case::united_states(4 * 60, Weekday::Sat, "2026-10-10T04:00:00Z", "2026-10-10T10:00:00Z")]
    #[case::india(18 * 60 + 30, Weekday::Fri, "2026-10-09T18:30:00Z", "2026-10-10T00:30:00Z")]
    #[case::emirates(18 * 60, Weekday::Fri, "2026-10-09T18:00:00Z", "2026-10-10T00:00:00Z")]
    #[case::australia(13 * 60, Weekday::Fri, "2026-10-09T13:00:00Z", "2026-10-09T19:00:00Z")]
    fn the_saturday_of_a_published_weekend(
        #[case] start: u16,
        #[case] first: Weekday,
        #[case] from: &str,
        #[case] to: &str,
    ) {
        let night = DarkHours::new(start, 360, first).unwrap().night(date("2026-10-10")).unwrap();
        assert_eq!(night.start, from.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(night.end, to.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(night.start.weekday(), first);
    }

    #[rstest]
    #[case(1440, 360, Weekday::Fri)]
    #[case(0, 0, Weekday::Fri)]
    #[case(0, 1441, Weekday::Sat)]
    #[case(0, 360, Weekday::Mon)]
    fn refuses_what_is_no_window(#[case] start: u16, #[case] length: u16, #[case] first: Weekday) {
        assert_eq!(DarkHours::new(start, length, first), None);
    }

    proptest! {
        #[test]
        fn nights_follow_each_other_and_keep_their_length(start in 0_u16..1440, length in 1_u16..=1440, friday: bool, day in 0_u64..40_000) {
            let hours = DarkHours::new(start, length, if friday { Weekday::Fri } else { Weekday::Sat }).unwrap();
            let first = date("1970-01-10") + Days::new(day);
            let (a, b) = (hours.night(first).unwrap(), hours.night(first + Days::new(1)).unwrap());
            prop_assert_eq!(b.start - a.start, TimeDelta::days(1));
            prop_assert_eq!((a.end - a.start).num_minutes(), i64::from(length));
            prop_assert!(a.end <= b.start);
        }

        #[test]
        fn first_date_after_is_the_first(start in 0_u16..1440, length in 1_u16..=1440, friday: bool, minute in 0_i64..2_000_000) {
            let hours = DarkHours::new(start, length, if friday { Weekday::Fri } else { Weekday::Sat }).unwrap();
            let instant = "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute);
            let found = hours.first_date_after(instant);
            prop_assert!(hours.night(found).unwrap().end > instant);
            prop_assert!(hours.night(found - Days::new(1)).unwrap().end <= instant);
        }
    }
}
