//! The nights of a freeze, by published date, both bounds inclusive. Invalid spans cannot be made, nor read back.
//! 29 February is read as 28 February in years that have none: a freeze rather covers a night too many than none.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Why these are no nights to freeze. Each names the field it belongs to through [`SpanError::field`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanError {
    #[error("The calendar has no such day. Write month and day, such as 12-24.")]
    NoSuchDay,
    #[error("It ends before it begins.")]
    EndsBeforeItBegins,
    #[error("A yearly freeze has to leave at least one night of the year free.")]
    NeverFree,
}

impl SpanError {
    pub const fn field(self) -> &'static str {
        match self {
            Self::NoSuchDay => "first",
            Self::EndsBeforeItBegins | Self::NeverFree => "last",
        }
    }
}

/// A day of every year, `12-24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay {
    month: u8,
    day: u8,
}

/// Any leap year: it has every day that a year can have.
const LEAP_YEAR: i32 = 2000;

impl MonthDay {
    pub fn new(month: u8, day: u8) -> Option<Self> {
        NaiveDate::from_ymd_opt(LEAP_YEAR, month.into(), day.into()).map(|_| Self { month, day })
    }

    pub const fn month(self) -> u8 {
        self.month
    }

    pub const fn day(self) -> u8 {
        self.day
    }

    /// That day of one year. `None` only outside the years that a date can name.
    pub fn in_year(self, year: i32) -> Option<NaiveDate> {
        let on = |day: u8| NaiveDate::from_ymd_opt(year, self.month.into(), day.into());
        // one day earlier is tried for 29 February alone: every other day exists in every year
        on(self.day).or_else(|| on(self.day - 1))
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl FromStr for MonthDay {
    type Err = SpanError;

    /// Two digits each: `12-24`.
    fn from_str(text: &str) -> Result<Self, SpanError> {
        let [m1, m2, b'-', d1, d2] = text.as_bytes() else { return Err(SpanError::NoSuchDay) };
        let two = |tens: &u8, ones: &u8| {
            (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + ones - b'0')
        };
        two(m1, m2).zip(two(d1, d2)).and_then(|(month, day)| Self::new(month, day)).ok_or(SpanError::NoSuchDay)
    }
}

impl Serialize for MonthDay {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MonthDay {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Made by [`Span::one_off`] and [`Span::yearly`], which refuse what would cover nothing or everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Span(Written);

/// The stored form, unchecked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "repeats", rename_all = "snake_case")]
enum Written {
    OneOff { first: NaiveDate, last: NaiveDate },
    Yearly { first: MonthDay, last: MonthDay },
}

impl TryFrom<Written> for Span {
    type Error = SpanError;

    fn try_from(written: Written) -> Result<Self, SpanError> {
        match written {
            Written::OneOff { first, last } => Self::one_off(first, last),
            Written::Yearly { first, last } => Self::yearly(first, last),
        }
    }
}

impl From<Span> for Written {
    fn from(span: Span) -> Self {
        span.0
    }
}

impl Span {
    pub fn one_off(first: NaiveDate, last: NaiveDate) -> Result<Self, SpanError> {
        if first <= last { Ok(Self(Written::OneOff { first, last })) } else { Err(SpanError::EndsBeforeItBegins) }
    }

    /// `first` after `last` goes over the end of the year: 12-20 to 01-03. At least one night stays free in every year,
    /// whether it has a 29 February or not.
    pub fn yearly(first: MonthDay, last: MonthDay) -> Result<Self, SpanError> {
        let span = Self(Written::Yearly { first, last });
        // a leap year, a common one, and their neighbours on both sides
        let free = |year: i32| {
            let end = span.occurrence(year).map(|(_, end)| end);
            end.and_then(|end| end.succ_opt()).is_some_and(|next| !span.covers(next))
        };
        if [LEAP_YEAR - 1, LEAP_YEAR, LEAP_YEAR + 1].into_iter().all(free) {
            Ok(span)
        } else {
            Err(SpanError::NeverFree)
        }
    }

    pub const fn is_yearly(self) -> bool {
        matches!(self.0, Written::Yearly { .. })
    }

    /// First and last night as they are written; of a one-off freeze alone.
    pub const fn dates(self) -> Option<(NaiveDate, NaiveDate)> {
        match self.0 {
            Written::OneOff { first, last } => Some((first, last)),
            Written::Yearly { .. } => None,
        }
    }

    /// First and last day of every year; of a yearly freeze alone.
    pub const fn days(self) -> Option<(MonthDay, MonthDay)> {
        match self.0 {
            Written::OneOff { .. } => None,
            Written::Yearly { first, last } => Some((first, last)),
        }
    }

    /// The nights that begin in `year`, for a yearly span; the only ones of a one-off span.
    fn occurrence(self, year: i32) -> Option<(NaiveDate, NaiveDate)> {
        match self.0 {
            Written::OneOff { first, last } => Some((first, last)),
            Written::Yearly { first, last } => {
                let end = if first <= last { year } else { year.checked_add(1)? };
                Some((first.in_year(year)?, last.in_year(end)?))
            }
        }
    }

    /// The nights in one piece that hold this date.
    pub fn around(self, date: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        [date.year(), date.year() - 1]
            .into_iter()
            .filter_map(|year| self.occurrence(year))
            .find(|(first, last)| *first <= date && date <= *last)
    }

    /// The nights in one piece that hold this date, or the next ones after it.
    pub fn at_or_after(self, date: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let years = [date.year() - 1, date.year(), date.year() + 1];
        years.into_iter().filter_map(|year| self.occurrence(year)).find(|(_, last)| date <= *last)
    }

    pub fn covers(self, date: NaiveDate) -> bool {
        self.around(date).is_some()
    }

    /// The last night of the piece that holds this date.
    pub fn covered_until(self, date: NaiveDate) -> Option<NaiveDate> {
        self.around(date).map(|(_, last)| last)
    }

    /// The first night from `date` on that it leaves free. `None` only at the end of all dates.
    pub fn next_free(self, date: NaiveDate) -> Option<NaiveDate> {
        match self.covered_until(date) {
            None => Some(date),
            Some(last) => last.succ_opt(),
        }
    }

    /// No night of it is still to come. A night is published under a date at most a day from its UTC date (zones reach from
    /// -12 h to +14 h).
    pub fn is_over(self, now: DateTime<Utc>) -> bool {
        let today = now.date_naive();
        !self.ends_after(today.pred_opt().unwrap_or(today))
    }

    /// Nights of it lie after this date.
    pub fn ends_after(self, date: NaiveDate) -> bool {
        match self.0 {
            Written::OneOff { last, .. } => date < last,
            Written::Yearly { .. } => true,
        }
    }
}
