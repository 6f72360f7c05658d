//! One month as weeks from Monday to Sunday. Pure dates.

use chrono::{Datelike, Days, Months, NaiveDate};

/// By its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Month(NaiveDate);

/// Years that a calendar is asked for in earnest; beyond them lie the ends of the date type.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9998;

impl Month {
    /// `2026-10`
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        let year: i32 = year.parse().ok().filter(|year| YEARS.contains(year))?;
        NaiveDate::from_ymd_opt(year, month.parse().ok()?, 1).map(Self)
    }

    pub(super) fn of(date: NaiveDate) -> Self {
        Self(date - Days::new(u64::from(date.day0())))
    }

    pub(super) fn key(self) -> String {
        self.0.format("%Y-%m").to_string()
    }

    /// `October 2026`
    pub(super) fn title(self) -> String {
        self.0.format("%B %Y").to_string()
    }

    pub(super) fn next(self) -> Self {
        Self(self.0 + Months::new(1))
    }

    pub(super) fn previous(self) -> Self {
        Self(self.0 - Months::new(1))
    }

    pub(super) fn first(self) -> NaiveDate {
        self.0
    }

    pub(super) fn last(self) -> NaiveDate {
        self.next().0 - Days::new(1)
    }

    pub(super) fn holds(self, date: NaiveDate) -> bool {
        Self::of(date) == self
    }

    /// The Monday on or before its first day, the Sunday on or after its last.
    pub(super) fn grid(self) -> (NaiveDate, NaiveDate) {
        let before = self.first().weekday().num_days_from_monday();
        let after = 6 - self.last().weekday().num_days_from_monday();
        (self.first() - Days::new(before.into()), self.last() + Days::new(after.into()))
    }

    pub(super) fn days(self) -> impl Iterator<Item = NaiveDate> {
        let (first, last) = self.grid();
        first.iter_days().take_while(move |date| *date <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Weekday;

    fn month(text: &str) -> Month {
        Month::parse(text).unwrap()
    }

    #[test]
    fn weeks_are_whole_and_begin_on_monday() {
        for (text, first, last, weeks) in [
            ("2026-10", "2026-09-28", "2026-11-01", 5),
            ("2026-06", "2026-06-01", "2026-07-05", 5),
            ("2027-02", "2027-02-01", "2027-02-28", 4),
            ("2026-08", "2026-07-27", "2026-09-06", 6),
            ("2028-02", "2028-01-31", "2028-03-05", 5),
        ] {
            let days: Vec<NaiveDate> = month(text).days().collect();
            assert_eq!(days.first().unwrap().to_string(), first, "{text}");
            assert_eq!(days.last().unwrap().to_string(), last, "{text}");
            assert_eq!(days.len(), weeks * 7, "{text}");
            assert_eq!(days[0].weekday(), Weekday::Mon);
        }
    }

    #[test]
    fn months_follow_each_other_over_the_year() {
        assert_eq!(month("2026-12").next().key(), "2027-01");
        assert_eq!(month("2026-01").previous().key(), "2025-12");
        assert_eq!(month("2026-10").title(), "October 2026");
        assert!(month("2026-10").holds("2026-10-31".parse().unwrap()));
        assert!(!month("2026-10").holds("2026-11-01".parse().unwrap()));
    }

    #[test]
    fn nonsense_is_no_month() {
        for text in ["", "2026", "2026-13", "2026-00", "2026-1", "+026-10", "9999-12", "2026-10-01", "October"] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }
}
