//! F8, F9: what becomes of one attempt in its environment, and how the agent tells of it.

use chrono::TimeDelta;
use services::mix::Mix;

/// Within the 90 minutes that a rollout declares.
const APPLY_MINUTES: (i64, i64) = (15, 60);
const VERIFY_MINUTES: (i64, i64) = (5, 20);
/// Of all attempts, where nothing goes wrong but builds.
const FAILURE_PERCENT: u8 = 2;
/// A reboot loop ends before the next night.
const LOST_HOURS: (i64, i64) = (1, 15);
const LATE_MINUTES: (i64, i64) = (5, 180);

/// All that will happen to one attempt, in true time since it was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    pub applied: TimeDelta,
    pub healthy: TimeDelta,
    /// It ends badly, then.
    pub failed: Option<TimeDelta>,
    /// It fails its checks and cannot be taken back: the build that failed runs. Only who speaks for itself can say so.
    pub stays: bool,
    /// Not a word between these two.
    pub silent: Option<(TimeDelta, TimeDelta)>,
    /// Everything is told so much later.
    pub late: TimeDelta,
    /// Every so often it tells an older state.
    pub contradicts: bool,
}

impl Course {
    /// `worse`: percent of the attempts of this build that fail beside the usual.
    pub fn draw(mix: &mut Mix, with_faults: bool, worse: u8) -> Self {
        let applied = TimeDelta::seconds(mix.between(APPLY_MINUTES.0 * 60, APPLY_MINUTES.1 * 60));
        let healthy = applied + TimeDelta::seconds(mix.between(VERIFY_MINUTES.0 * 60, VERIFY_MINUTES.1 * 60));
        let fails = mix.percent(FAILURE_PERCENT + worse);
        let part = i32::try_from(mix.between(10, 95)).unwrap_or(50);
        let mut course = Self {
            applied,
            healthy,
            failed: fails.then(|| healthy * part / 100),
            stays: false,
            silent: None,
            late: TimeDelta::zero(),
            contradicts: false,
        };
        if with_faults {
            course.disturb(mix);
        }
        course
    }

    fn disturb(&mut self, mix: &mut Mix) {
        if mix.percent(4) {
            let from = TimeDelta::minutes(mix.between(1, 70));
            self.silent = Some((from, from + TimeDelta::hours(mix.between(LOST_HOURS.0, LOST_HOURS.1))));
        }
        if mix.percent(5) {
            self.late = TimeDelta::minutes(mix.between(LATE_MINUTES.0, LATE_MINUTES.1));
        }
        self.contradicts = mix.percent(5);
    }

    /// It failed after it was applied. Of every two such, one.
    pub fn may_stay(&self) -> bool {
        self.failed.is_some_and(|at| at >= self.applied && at.num_seconds() % 2 == 0)
    }

    /// When nothing more happens in the environment.
    pub fn over(&self) -> TimeDelta {
        self.failed.unwrap_or(self.healthy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attempt_ends_within_the_declared_time() {
        for seed in 0..2_000 {
            let course = Course::draw(&mut Mix::keyed(seed, &[]), seed % 2 == 0, 10);
            assert!(course.over() <= TimeDelta::minutes(90) && course.applied < course.healthy);
        }
    }

    #[test]
    fn nothing_is_lost_or_late_without_faults() {
        let quiet = |seed| Course::draw(&mut Mix::keyed(seed, &[]), false, 0);
        assert!((0..500).map(quiet).all(|course| course.silent.is_none() && course.late.is_zero()));
    }
}
