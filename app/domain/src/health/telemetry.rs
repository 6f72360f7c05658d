//! What listening systems say of an environment, and how reports that come twice, late or in reverse order end in the
//! same. Shapes and joins only; what they mean for a stage is in `listening`.
//!
//! A sample covers an interval. It is cut into whole hours; per environment and hour one [`HourSample`] is kept, and
//! two of the same hour are joined. The join is the least upper bound of "knows more, or knows worse", and so
//! commutative, associative and idempotent: the stored hour depends on the set of samples alone.
//!
//! A system that reports more often than hourly sends the hour so far, again from the hour's start: the longer sample
//! takes the place of the shorter one. Two samples of *different* parts of an hour do not add up (adding is not
//! idempotent: a report sent twice would count twice); the hour then counts as heard as far as the longer one reaches.

use crate::ids::EnvironmentId;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A sender's clock may be ahead of ours by so much.
pub const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// Older samples are not taken: no gate looks back further than the longest bake and the week that it compares with.
pub const SAMPLE_AGE_MAX: TimeDelta = TimeDelta::days(14 + 7 + 1);
/// Longest interval of a sample.
pub const SAMPLE_LENGTH_MAX: TimeDelta = TimeDelta::hours(24);
/// Requests in one sample: 10^12 × 10^6 environments still fit into 64 bits.
pub const USAGE_MAX: u64 = 1_000_000_000_000;
/// Characters in a source's name.
pub const SOURCE_CHARS_MAX: usize = 80;
const HOUR_SECONDS: i64 = 3600;
const HOUR_MILLIS: i64 = HOUR_SECONDS * 1000;
/// An environment was heard in an hour of which three quarters are covered.
pub const HEARD_SECONDS_MIN: u16 = 2700;

/// An hour (UTC), as the number of hours since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hour(i64);

impl Hour {
    /// The hour that holds this instant.
    pub const fn of(at: DateTime<Utc>) -> Self {
        Self(at.timestamp().div_euclid(HOUR_SECONDS))
    }

    /// The first hour that begins at or after this instant.
    pub fn from(at: DateTime<Utc>) -> Self {
        let hour = Self::of(at);
        if hour.start() == at { hour } else { hour.plus(1) }
    }

    pub const fn number(self) -> i64 {
        self.0
    }

    /// Of a stored number.
    pub const fn of_number(number: i64) -> Self {
        Self(number)
    }

    #[must_use]
    pub const fn plus(self, hours: i64) -> Self {
        Self(self.0.saturating_add(hours))
    }

    /// Beyond the calendar's range: its end.
    pub fn start(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0.saturating_mul(HOUR_SECONDS), 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    pub fn end(self) -> DateTime<Utc> {
        self.plus(1).start()
    }
}

/// A sample as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UncheckedSample {
    pub environment: EnvironmentId,
    pub from: DateTime<Utc>,
    /// Not included.
    pub to: DateTime<Utc>,
    /// Requests or transactions in the interval.
    pub usage: u64,
    /// Of the usage: failed.
    pub errors: u64,
    /// The listening system.
    pub source: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SampleError {
    #[error("the sample ends at {to}, not after its begin at {from}")]
    Backwards { from: DateTime<Utc>, to: DateTime<Utc> },
    #[error("the sample ends at {to}, which is in the future: it is {now} here")]
    Future { to: DateTime<Utc>, now: DateTime<Utc> },
    #[error("the sample begins at {from}, more than {} days ago", SAMPLE_AGE_MAX.num_days())]
    TooOld { from: DateTime<Utc> },
    #[error("the sample covers {minutes} minutes; at most 1,440 are taken")]
    TooLong { minutes: i64 },
    #[error("the sample counts {errors} errors among {usage} requests")]
    ErrorsAboveUsage { errors: u64, usage: u64 },
    #[error("the sample counts {usage} requests; at most 10^12 are taken")]
    TooMuch { usage: u64 },
    #[error("the sample must name its source in 1 to 80 characters")]
    Source,
}

/// A sample that may be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample(UncheckedSample);

impl UncheckedSample {
    /// `now`: of the server that takes it.
    pub fn check(self, now: DateTime<Utc>) -> Result<Sample, SampleError> {
        let Self { from, to, usage, errors, .. } = self;
        if from >= to {
            return Err(SampleError::Backwards { from, to });
        }
        if to.signed_duration_since(now) > CLOCK_TOLERANCE {
            return Err(SampleError::Future { to, now });
        }
        let length = to.signed_duration_since(from);
        if length > SAMPLE_LENGTH_MAX {
            return Err(SampleError::TooLong { minutes: length.num_minutes() });
        }
        if now.signed_duration_since(from) > SAMPLE_AGE_MAX {
            return Err(SampleError::TooOld { from });
        }
        if errors > usage {
            return Err(SampleError::ErrorsAboveUsage { errors, usage });
        }
        if usage > USAGE_MAX {
            return Err(SampleError::TooMuch { usage });
        }
        if self.source.trim().is_empty() || self.source.chars().count() > SOURCE_CHARS_MAX {
            return Err(SampleError::Source);
        }
        Ok(Sample(self))
    }
}

impl Sample {
    pub const fn sent(&self) -> &UncheckedSample {
        &self.0
    }

    /// The sample cut into hours: usage and errors spread evenly over its milliseconds; nothing is lost in rounding.
    /// At most 25 hours.
    pub fn hours(&self) -> Vec<(Hour, HourSample)> {
        let (from, to) = (self.0.from.timestamp_millis(), self.0.to.timestamp_millis());
        let mut cut = Vec::new();
        let mut begin = from;
        // A sample below a millisecond still tells its usage.
        while begin < to || cut.is_empty() {
            let hour = begin.div_euclid(HOUR_MILLIS);
            let end = to.min((hour + 1) * HOUR_MILLIS);
            let part = |total: u64| until(total, end - from, to - from) - until(total, begin - from, to - from);
            let sample = HourSample {
                covered_seconds: u16::try_from((end - begin) / 1000).unwrap_or(0),
                usage: if from == to { self.0.usage } else { part(self.0.usage) },
                errors: if from == to { self.0.errors } else { part(self.0.errors) },
            };
            cut.push((Hour(hour), sample));
            begin = end;
        }
        cut
    }
}

/// `floor(total × done / all)`; at most `total`.
fn until(total: u64, done: i64, all: i64) -> u64 {
    let (done, all) = (u128::from(done.unsigned_abs()), u128::from(all.unsigned_abs().max(1)));
    u64::try_from(u128::from(total) * done / all).unwrap_or(total)
}

/// One environment in one hour, whoever said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HourSample {
    /// 0 to 3600.
    pub covered_seconds: u16,
    pub usage: u64,
    /// May be above `usage` where samples contradict each other: the worst of each is kept.
    pub errors: u64,
}

impl HourSample {
    /// Usage: of the one that covers more; of two that cover the same, the lesser. Errors: the more.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        let usage = match self.covered_seconds.cmp(&other.covered_seconds) {
            std::cmp::Ordering::Less => other.usage,
            std::cmp::Ordering::Equal => self.usage.min(other.usage),
            std::cmp::Ordering::Greater => self.usage,
        };
        Self {
            covered_seconds: self.covered_seconds.max(other.covered_seconds),
            usage,
            errors: self.errors.max(other.errors),
        }
    }

    pub const fn is_heard(self) -> bool {
        self.covered_seconds >= HEARD_SECONDS_MIN
    }
}

/// One hour of a stage: sums over the environments that were updated and ran the new build in all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageHour {
    pub hour: Hour,
    /// Environments that should be heard.
    pub expected: u32,
    /// Of them: heard.
    pub reporting: u32,
    pub usage: u64,
    /// Usage of the expected environments in the same hour a week before.
    pub baseline: u64,
    pub errors: u64,
}

/// The hours of a stage since its first success, in any order, each once. An hour that is missing was not heard.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StageTelemetry {
    pub hours: Vec<StageHour>,
}

#[cfg(test)]
#[path = "telemetry_tests.rs"]
mod tests;
