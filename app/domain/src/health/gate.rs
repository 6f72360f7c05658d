//! The gate after a stage: enough of its environments succeeded, few enough failed.
//!
//! First version: fixed shares. A sequential test takes the place of `failures_percent_max` once telemetry exists.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    Fail,
    NotEnoughEvidence,
}

/// Percentages are of the environments due in the stage's own window; hours are real hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatePolicy {
    pub succeeded_percent_min: u8,
    pub failures_percent_max: u8,
    /// Below this count failures are looked at, not acted on: one bad disk is no regression.
    pub failures_min: u32,
    pub bake_hours: u16,
}

impl GatePolicy {
    /// 90 %: the vendor publishes no figure; 10 % leaves room for what needs a second night.
    /// 24 h of bake: the least that the vendor's published stages wait (`domain.md` §9.1).
    pub const DEFAULT: Self =
        Self { succeeded_percent_min: 90, failures_percent_max: 10, failures_min: 3, bake_hours: 24 };
}

/// Of all that were due, whatever a person accepted: a build that most did not survive is not let on by resuming.
const SUCCEEDED_PERCENT_FLOOR: u8 = 50;

/// What a stage has reported so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StageEvidence {
    /// Environments whose turn falls into the stage's own window; where there are none, everybody aboard.
    pub due: u32,
    /// Due ones that used their attempts before a person resumed, and so accepted that they may stay behind.
    pub accepted: u32,
    /// Of the due ones.
    pub succeeded: u32,
    /// When the last of the successes that [`GatePolicy::needed`] asks for was confirmed, in the order of time.
    pub needed_success_at: Option<DateTime<Utc>>,
    /// Environments of the stage, due or not, whose last attempt failed.
    pub failed: u32,
    /// Environments of the stage, due or not, that reported success or failure.
    pub reported: u32,
    /// Updates that run: a failure is known sooner than a success, so what runs counts beside the failures.
    pub running: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateReport {
    pub verdict: Verdict,
    pub due: u32,
    /// Of the due: failed for good, and a person resumed knowing it.
    pub accepted: u32,
    pub succeeded: u32,
    pub succeeded_needed: u32,
    pub failed: u32,
    pub reported: u32,
    pub failures_percent_max: u8,
    /// When the bake is over; known from the moment enough have succeeded.
    pub baked_at: Option<DateTime<Utc>>,
}

/// `ceil(count × percent / 100)`.
fn share_of(count: u32, percent: u8) -> u32 {
    (count * u32::from(percent)).div_ceil(100)
}

impl GatePolicy {
    /// Successes that a stage needs, of those due.
    pub fn needed(self, due: u32, accepted: u32) -> u32 {
        let expected = share_of(due.saturating_sub(accepted), self.succeeded_percent_min);
        expected.max(share_of(due, SUCCEEDED_PERCENT_FLOOR))
    }

    /// The verdict on the evidence alone; whether the bake is over is the caller's question (`baked_at`).
    /// A stage in which nobody is aboard has nothing to prove and passes; its bake is over at once.
    pub fn judge(self, evidence: &StageEvidence) -> GateReport {
        let needed = self.needed(evidence.due, evidence.accepted);
        let limit = u32::from(self.failures_percent_max);
        let too_many = evidence.failed * 100 > evidence.reported * limit;
        let whatever_runs = evidence.failed * 100 > (evidence.reported + evidence.running) * limit;
        let verdict = if whatever_runs && evidence.failed >= self.failures_min {
            Verdict::Fail
        } else if evidence.succeeded >= needed && !too_many {
            Verdict::Pass
        } else {
            Verdict::NotEnoughEvidence
        };
        // The bake begins when the last of the needed successes is in.
        let baking_since = evidence.needed_success_at.filter(|_| evidence.succeeded >= needed);
        GateReport {
            verdict,
            due: evidence.due,
            accepted: evidence.accepted,
            succeeded: evidence.succeeded,
            succeeded_needed: needed,
            failed: evidence.failed,
            reported: evidence.reported,
            failures_percent_max: self.failures_percent_max,
            baked_at: baking_since.map(|at| at + TimeDelta::hours(self.bake_hours.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn evidence(due: u32, succeeded: u32, failed: u32) -> StageEvidence {
        StageEvidence { due, succeeded, failed, reported: succeeded + failed, ..StageEvidence::default() }
    }

    #[test]
    fn what_runs_may_still_succeed() {
        let early = StageEvidence { running: 20, ..evidence(53, 8, 3) };
        assert_eq!(GatePolicy::DEFAULT.judge(&early).verdict, Verdict::NotEnoughEvidence);
        assert_eq!(GatePolicy::DEFAULT.judge(&evidence(53, 8, 3)).verdict, Verdict::Fail);
        let harm = StageEvidence { running: 20, ..evidence(53, 8, 5) };
        assert_eq!(GatePolicy::DEFAULT.judge(&harm).verdict, Verdict::Fail);
    }

    #[rstest]
    #[case::nobody_due(0, 0, 0, Verdict::Pass)]
    #[case::silence(10, 0, 0, Verdict::NotEnoughEvidence)]
    #[case::nearly(10, 8, 0, Verdict::NotEnoughEvidence)]
    #[case::enough(10, 9, 1, Verdict::Pass)]
    #[case::share_rounds_up(11, 9, 0, Verdict::NotEnoughEvidence)]
    #[case::one_of_one_failed(1, 0, 1, Verdict::NotEnoughEvidence)]
    #[case::two_failures_are_few(10, 5, 2, Verdict::NotEnoughEvidence)]
    #[case::three_of_ten(10, 7, 3, Verdict::Fail)]
    #[case::three_of_forty(40, 37, 3, Verdict::Pass)]
    fn verdicts(#[case] due: u32, #[case] succeeded: u32, #[case] failed: u32, #[case] expected: Verdict) {
        assert_eq!(GatePolicy::DEFAULT.judge(&evidence(due, succeeded, failed)).verdict, expected);
    }

    #[rstest]
    #[case::few_stay_behind(10, 2, 8, Verdict::Pass)]
    #[case::nearly(10, 2, 7, Verdict::NotEnoughEvidence)]
    #[case::half_is_the_least(10, 5, 5, Verdict::Pass)]
    #[case::most_failed(10, 8, 2, Verdict::NotEnoughEvidence)]
    #[case::all_failed(10, 10, 0, Verdict::NotEnoughEvidence)]
    #[case::the_only_one_failed(1, 1, 0, Verdict::NotEnoughEvidence)]
    fn what_was_accepted_is_no_success(
        #[case] due: u32,
        #[case] accepted: u32,
        #[case] succeeded: u32,
        #[case] expected: Verdict,
    ) {
        let evidence = StageEvidence { accepted, ..evidence(due, succeeded, 0) };
        assert_eq!(GatePolicy::DEFAULT.judge(&evidence).verdict, expected);
    }

    #[test]
    fn bake_counts_from_the_last_needed_success() {
        let ninth = DateTime::from_timestamp(8 * 60, 0);
        let baked_at = |succeeded| {
            let evidence = StageEvidence { needed_success_at: ninth, ..evidence(10, succeeded, 0) };
            GatePolicy::DEFAULT.judge(&evidence).baked_at
        };
        assert_eq!(GatePolicy::DEFAULT.needed(10, 0), 9);
        assert_eq!(baked_at(10), DateTime::from_timestamp(8 * 60 + 24 * 3600, 0));
        assert_eq!(baked_at(8), None);
    }
}
