//! One measured thing of a stage with its verdict: a closed set. Their sentences are in `words`; who measures is
//! `gate` and `listening`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    Fail,
    NotEnoughEvidence,
}

impl Verdict {
    /// Any fail fails; all pass passes; else the evidence is not enough.
    pub fn of_all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts.into_iter().fold(Self::Pass, |so_far, next| match (so_far, next) {
            (Self::Fail, _) | (_, Self::Fail) => Self::Fail,
            (Self::Pass, Self::Pass) => Self::Pass,
            (Self::NotEnoughEvidence, _) | (_, Self::NotEnoughEvidence) => Self::NotEnoughEvidence,
        })
    }

    /// Pass where it holds, else not enough evidence.
    pub const fn pass_if(holds: bool) -> Self {
        if holds { Self::Pass } else { Self::NotEnoughEvidence }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub verdict: Verdict,
    #[serde(flatten)]
    pub measure: Measure,
}

/// What the sequential test says of some reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureEvidence {
    pub reported: u32,
    pub failed: u32,
    /// Counted as not failed.
    pub running: u32,
    /// A build as good as usual would do this at most 1 time in so many.
    pub one_in: u64,
    /// Rarer than 1 in so many halts.
    pub halts_at_one_in: u64,
    /// The fewest failures that halt at this number of starts; `None` where even all failing would not.
    pub halts_at: Option<u32>,
    /// Fewer failures are looked at, not acted on.
    pub failures_min: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "measure", rename_all = "snake_case")]
pub enum Measure {
    /// Environments. `due` have their turn in the stage's window; of them `accepted` failed, and a person resumed.
    Successes { succeeded: u32, needed: u32, due: u32, accepted: u32 },
    /// Of the stage.
    Failures(FailureEvidence),
    /// Of the whole rollout.
    PooledFailures(FailureEvidence),
    /// An operator said that no telemetry is looked at.
    NoTelemetry,
    /// Ended hours in which the stage ran the build, and those of them in which enough environments were heard.
    Coverage { covered_hours: u32, hours: u32, percent_min: u8 },
    /// Since the end of the newest covered hour.
    Age { minutes: Option<u32>, max_minutes: u16 },
    /// Requests or transactions, and those of them that failed.
    Errors { errors: u64, usage: u64, permille_max: u16, samples_min: u32 },
    /// Usage of the newest hour that can be judged beside the same hour a week before; how many hours it is silent.
    Silence { silent_hours: u32, grace_hours: u16, usage: u64, baseline: u64, judged_hours: u32 },
    /// `until`: at the earliest. `watched`: only hours covered by telemetry count.
    Bake { covered_hours: u32, needed_hours: u16, until: Option<DateTime<Utc>>, watched: bool },
}

#[cfg(test)]
mod tests {
    use super::Verdict::{self, Fail, NotEnoughEvidence, Pass};
    use rstest::rstest;

    #[rstest]
    #[case::nothing(&[], Pass)]
    #[case::all(&[Pass, Pass], Pass)]
    #[case::one_lacks(&[Pass, NotEnoughEvidence, Pass], NotEnoughEvidence)]
    #[case::fail_wins(&[NotEnoughEvidence, Fail, Pass], Fail)]
    #[case::fail_wins_early(&[Fail, NotEnoughEvidence], Fail)]
    fn verdicts_add_up(#[case] verdicts: &[Verdict], #[case] expected: Verdict) {
        assert_eq!(Verdict::of_all(verdicts.iter().copied()), expected);
    }
}
