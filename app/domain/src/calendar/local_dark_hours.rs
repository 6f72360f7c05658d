//! Dark hours in local time: a wall time and a length in a zone, resolved for each date. Beside [`DarkHours`], which are
//! fixed in UTC as the vendor publishes them; [`RegionHours`] holds either.
//! Source: DESIGN §7, "a rule in local time is stored as zone + wall time and resolved per date".
//!
//! Decisions:
//! - The night begins at the first instant at which the clock shows the wall time or later (see [`ZoneOffsets`]): after a
//!   skipped hour, and at the first of two equal ones.
//! - The length is time that passes. A change of the clocks moves the wall time of the end, never the length.
//! - Nights begin in the order of their dates. They overlap only where the length is more than a day less what the
//!   clocks skip: a night of 24 hours runs into the next one by the skipped hour.
//! - A night is named by the local date on which it is due to begin, or by the next date where the region says so
//!   ([`NightDate`]). Weekend nights are those *named* Saturday and Sunday, as for [`DarkHours`]. Where a clock skips
//!   midnight, or a whole day, the name stays that of the date on which the night was due.

use super::dark_hours::{DarkHours, MINUTES_PER_DAY};
use super::night::Night;
use super::zone_offsets::ZoneOffsets;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use thiserror::Error;

/// Only a night that begins at noon or later can be counted to the next date.
const NOON_MINUTE: u16 = 12 * 60;

/// Which published date a night has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NightDate {
    /// The local date on which it begins: the night of Friday 22:00 is Friday's.
    OfStart,
    /// The date after it: the night of Friday 22:00 is Saturday's, as in Europe's published weekends.
    AfterStart,
}

/// Local dark hours as they are stored or typed, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalDarkHoursRow {
    /// IANA name. Whether a zone database knows it is for the server to check.
    pub zone: String,
    /// Minutes after midnight on the wall clock.
    pub start_minute: u16,
    /// Minutes that pass.
    pub length_minutes: u16,
    pub date: NightDate,
}

/// Invariant: a zone is named, `start_minute` < 1440, 0 < `length_minutes` ≤ 1440, and nights that begin before noon have
/// the date of their start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "LocalDarkHoursRow")]
pub struct LocalDarkHours {
    zone: String,
    start_minute: u16,
    length_minutes: u16,
    date: NightDate,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LocalDarkHoursError {
    #[error("dark hours in local time name no zone")]
    NoZone,
    #[error("minute {0} is not in a day")]
    NoTimeOfDay(u16),
    #[error("{0} minutes are not between a minute and a day")]
    NoLength(u16),
    #[error("a night that begins before noon has the date on which it begins")]
    BeginsInTheMorning,
    #[error("dark hours in {hours} cannot be read off the clocks of {offsets}")]
    OtherZone { hours: String, offsets: String },
}

impl TryFrom<LocalDarkHoursRow> for LocalDarkHours {
    type Error = LocalDarkHoursError;

    fn try_from(row: LocalDarkHoursRow) -> Result<Self, Self::Error> {
        let LocalDarkHoursRow { zone, start_minute, length_minutes, date } = row;
        if zone.is_empty() {
            return Err(LocalDarkHoursError::NoZone);
        }
        if start_minute >= MINUTES_PER_DAY {
            return Err(LocalDarkHoursError::NoTimeOfDay(start_minute));
        }
        if !(1..=MINUTES_PER_DAY).contains(&length_minutes) {
            return Err(LocalDarkHoursError::NoLength(length_minutes));
        }
        if date == NightDate::AfterStart && start_minute < NOON_MINUTE {
            return Err(LocalDarkHoursError::BeginsInTheMorning);
        }
        Ok(Self { zone, start_minute, length_minutes, date })
    }
}

impl LocalDarkHours {
    /// The IANA name of the zone whose clocks count.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    pub const fn start_minute(&self) -> u16 {
        self.start_minute
    }

    pub const fn length_minutes(&self) -> u16 {
        self.length_minutes
    }

    pub const fn date(&self) -> NightDate {
        self.date
    }

    /// With the clocks of its zone, so that dates become nights.
    pub fn on_clocks(self, offsets: Arc<ZoneOffsets>) -> Result<ZonedDarkHours, LocalDarkHoursError> {
        if self.zone == offsets.name() {
            return Ok(ZonedDarkHours { hours: self, offsets });
        }
        Err(LocalDarkHoursError::OtherZone { hours: self.zone, offsets: offsets.name().to_owned() })
    }
}

/// Local dark hours with the clocks of their zone; the clocks are shared by all who use the zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZonedDarkHours {
    hours: LocalDarkHours,
    offsets: Arc<ZoneOffsets>,
}

impl ZonedDarkHours {
    pub const fn hours(&self) -> &LocalDarkHours {
        &self.hours
    }

    /// The night that the published date `date` names. `None` where the table of the zone does not reach.
    pub fn night(&self, date: NaiveDate) -> Option<Night> {
        let days_before = match self.hours.date {
            NightDate::OfStart => 0,
            NightDate::AfterStart => 1,
        };
        let day = date.checked_sub_days(Days::new(days_before))?;
        let midnight = day.and_time(NaiveTime::MIN);
        let wall = midnight.checked_add_signed(TimeDelta::minutes(self.hours.start_minute.into()))?;
        let start = self.offsets.first_instant(wall)?;
        let end = start.checked_add_signed(TimeDelta::minutes(self.hours.length_minutes.into()))?;
        Some(Night { date, start, end })
    }

    /// The first published date whose night ends after `instant`. `None` where the table of the zone does not reach: it
    /// must begin five days before `instant`.
    pub fn first_date_after(&self, instant: DateTime<Utc>) -> Option<NaiveDate> {
        // A night of date d begins before midnight UTC of d + 2, since no offset is a whole day, and lasts a day at most:
        // three days back all nights are over.
        let mut date = instant.date_naive().checked_sub_days(Days::new(2))?;
        while self.night(date)?.end <= instant {
            date = date.checked_add_days(Days::new(1))?;
        }
        Some(date)
    }
}

/// When a region is dark: fixed in UTC, or by the clocks of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegionHours {
    Fixed(DarkHours),
    Local(ZonedDarkHours),
}

impl RegionHours {
    /// The night that the published date `date` names. `None` beyond the calendar or the table of the zone.
    pub fn night(&self, date: NaiveDate) -> Option<Night> {
        match self {
            Self::Fixed(hours) => hours.night(date),
            Self::Local(hours) => hours.night(date),
        }
    }

    /// The first published date whose night ends after `instant`. `None` beyond the table of the zone.
    pub fn first_date_after(&self, instant: DateTime<Utc>) -> Option<NaiveDate> {
        match self {
            Self::Fixed(hours) => Some(hours.first_date_after(instant)),
            Self::Local(hours) => hours.first_date_after(instant),
        }
    }
}

impl From<DarkHours> for RegionHours {
    fn from(hours: DarkHours) -> Self {
        Self::Fixed(hours)
    }
}

impl From<ZonedDarkHours> for RegionHours {
    fn from(hours: ZonedDarkHours) -> Self {
        Self::Local(hours)
    }
}

#[cfg(test)]
#[path = "local_dark_hours_tests.rs"]
mod tests;
