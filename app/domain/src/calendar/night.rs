//! One night: the dark hours of one region on one published date.

use super::dark_hours::DarkHours;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// `date` is the date as a published schedule names it, `start` and `end` are instants; `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Night {
    pub date: NaiveDate,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

impl Night {
    /// An update may start at `now` only if the rest of the night holds its declared duration (rule G4).
    pub fn admits_start(self, now: DateTime<Utc>, duration: TimeDelta) -> bool {
        self.start <= now && now + duration <= self.end
    }

    /// What these dark hours make of its date is still this night. Dark hours that are not known make none.
    pub fn is_of(self, hours: Option<DarkHours>) -> bool {
        hours.and_then(|hours| hours.night(self.date)) == Some(self)
    }

    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// No start is possible any more in this night.
    pub fn is_over_for(self, now: DateTime<Utc>, duration: TimeDelta) -> bool {
        now + duration > self.end
    }
}
