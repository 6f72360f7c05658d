//! F10: what becomes of what listening systems say. Partial, silent, late, twice, contradictory and absurd samples, usage
//! that falls silent though everybody is heard, and errors.
//!
//! Not a number (NaN) cannot be said: usage and errors are whole numbers on the wire and in the use case, and what is not
//! one is refused where the wire is read (`server::handlers::api`, tested there).

use chrono::{DateTime, TimeDelta, Utc};
use domain::health::telemetry::{SAMPLE_AGE_MAX, SAMPLE_LENGTH_MAX, USAGE_MAX, UncheckedSample};
use domain::ids::EnvironmentId;
use services::mix::Mix;
use uuid::Uuid;

const LASTS_HOURS: (i64, i64) = (2, 40);
/// A sample of the last days comes in time for a bake, one of the last week does not.
const LATE_HOURS: (i64, i64) = (2, 60);
/// Servers' clocks are wrong by up to an hour; what is absurd has to be absurd to all of them.
const SKEW_MAX: TimeDelta = TimeDelta::hours(2);

/// How it is with listening for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weather {
    #[default]
    Clear,
    /// Only so many of a hundred environments are heard, always the same ones.
    Partial { percent: u8 },
    /// Nothing is said at all.
    Silent,
    /// Everybody is heard, and nobody uses anything.
    Unused,
    /// What is said arrives much later, the newest first.
    Late,
    /// Much of what is asked of the environments fails.
    Failing,
}

impl Weather {
    pub fn draw(mix: &mut Mix) -> Self {
        match mix.below(12) {
            0 => Self::Partial { percent: 5 },
            1 | 2 => Self::Partial { percent: 50 },
            3 => Self::Silent,
            4 => Self::Unused,
            5 | 6 => Self::Late,
            7 => Self::Failing,
            _ => Self::Clear,
        }
    }

    pub fn lasts(mix: &mut Mix) -> TimeDelta {
        TimeDelta::minutes(mix.between(LASTS_HOURS.0 * 60, LASTS_HOURS.1 * 60))
    }

    pub fn late(mix: &mut Mix) -> TimeDelta {
        TimeDelta::minutes(mix.between(LATE_HOURS.0 * 60, LATE_HOURS.1 * 60))
    }

    pub fn hears(self, environment: EnvironmentId) -> bool {
        match self {
            Self::Silent => false,
            Self::Partial { percent } => {
                let (high, low) = environment.uuid().as_u64_pair();
                Mix::keyed(high, &[low]).percent(percent)
            }
            Self::Clear | Self::Unused | Self::Late | Self::Failing => true,
        }
    }
}

/// Another word on the same hour: more or less usage, other errors, sometimes of a part of the hour only.
pub fn contradicting(mix: &mut Mix, sample: &UncheckedSample) -> UncheckedSample {
    let usage = sample.usage * mix.below(300) / 100;
    let errors = usage * mix.below(30) / 100;
    let length = sample.to - sample.from;
    let to = if mix.percent(50) { sample.to } else { sample.from + length * 3 / 4 };
    UncheckedSample { to, usage, errors, ..sample.clone() }
}

/// Something that no server may take, whatever its clock says.
pub fn absurd(mix: &mut Mix, sample: &UncheckedSample, now: DateTime<Utc>) -> UncheckedSample {
    let mut absurd = sample.clone();
    match mix.below(9) {
        0 => (absurd.from, absurd.to) = (sample.to, sample.from),
        1 => absurd.to = sample.from,
        2 => absurd.errors = sample.usage + 1,
        3 => (absurd.usage, absurd.errors) = (USAGE_MAX + 1, 0),
        4 => absurd.usage = u64::MAX,
        5 => absurd.from = sample.to - SAMPLE_LENGTH_MAX - TimeDelta::milliseconds(1),
        6 => {
            // Still to come, however late it arrives.
            absurd.from = now + TimeDelta::days(3_650);
            absurd.to = absurd.from + TimeDelta::hours(1);
        }
        7 => {
            absurd.from = now - SAMPLE_AGE_MAX - SKEW_MAX;
            absurd.to = absurd.from + TimeDelta::hours(1);
        }
        _ => absurd.environment = EnvironmentId::new(Uuid::from_u128(u128::MAX)),
    }
    if mix.percent(10) {
        absurd.source = if mix.percent(50) { " ".to_owned() } else { "x".repeat(81) };
    }
    absurd
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(now: DateTime<Utc>) -> UncheckedSample {
        UncheckedSample {
            environment: EnvironmentId::new(Uuid::from_u128(1)),
            from: now - TimeDelta::hours(1),
            to: now,
            usage: 100,
            errors: 1,
            source: "simulation".to_owned(),
        }
    }

    #[test]
    fn what_is_absurd_is_so_to_every_clock_and_what_contradicts_is_not() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        for seed in 0..500 {
            let mut mix = Mix::keyed(seed, &[]);
            let unknown = EnvironmentId::new(Uuid::from_u128(u128::MAX));
            for skew in [-60, 0, 60].map(TimeDelta::minutes) {
                let absurd = absurd(&mut mix, &sample(now), now);
                assert!(absurd.environment == unknown || absurd.clone().check(now + skew).is_err(), "{absurd:?}");
            }
            assert!(contradicting(&mut mix, &sample(now)).check(now).is_ok());
        }
    }

    #[test]
    fn partial_hears_its_share_and_always_the_same() {
        let heard = |percent| {
            let hears = |number| Weather::Partial { percent }.hears(EnvironmentId::new(Uuid::from_u128(number)));
            (0..2_000).filter(|number| hears(*number)).count()
        };
        assert!((60..140).contains(&heard(5)) && (900..1_100).contains(&heard(50)), "{} {}", heard(5), heard(50));
    }
}
