//! What a stage counts: its environments by state, and the evidence of its gate. Made of counts that a database can
//! maintain and of the few failures, so that judging a stage costs the same for a hundred environments and a million.

use super::facts::RolloutPolicy;
use super::report::StageCounts;
use crate::health::StageEvidence;
use crate::wire::signal::UpdateStateWord;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What an environment counts for in its stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// It neither is updated by this train nor was tried.
    Out,
    /// Aboard; its turn comes after the stage's own window.
    Later,
    /// Its turn falls into the stage's own window: the stage waits for it.
    Due,
}

impl Part {
    pub const ALL: [Self; 3] = [Self::Out, Self::Later, Self::Due];

    /// The form used in the database.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Later => "later",
            Self::Due => "due",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.key() == key)
    }
}

/// An update whose last attempt failed and that no later one mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    pub part: Part,
    pub state: UpdateStateWord,
    pub attempts: u8,
    /// When the attempt ended.
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StageTally {
    pub counts: StageCounts,
    pub evidence: StageEvidence,
}

impl StageTally {
    /// `groups` are all environments of the stage, by part and state; `failures` the failed ones among them. `resumed_at`
    /// is when a person let the rollout go on, knowing what had failed until then. When the last needed success came is
    /// left open: see [`GatePolicy::needed`](crate::health::GatePolicy::needed).
    pub fn new(
        groups: impl IntoIterator<Item = (Part, UpdateStateWord, u32)>,
        failures: impl IntoIterator<Item = Failure>,
        policy: &RolloutPolicy,
        resumed_at: Option<DateTime<Utc>>,
    ) -> Self {
        let mut counts = StageCounts::default();
        let mut of_part = [(0, 0); Part::ALL.len()];
        for (part, word, count) in groups {
            counts.add_many(word, count);
            let (all, succeeded) = &mut of_part[part as usize];
            *all += count;
            if word == UpdateStateWord::Succeeded {
                *succeeded += count;
            }
        }
        // Silence is no health: where the window suits nobody, everybody aboard is waited for.
        let awaited = if of_part[Part::Due as usize].0 > 0 { Part::Due } else { Part::Later };
        let (due, succeeded) = of_part[awaited as usize];
        let mut evidence = StageEvidence {
            due,
            succeeded,
            reported: counts.succeeded,
            running: counts.running,
            ..StageEvidence::default()
        };
        for failure in failures {
            count_failure(&mut evidence, failure, awaited, policy, resumed_at);
        }
        Self { counts, evidence }
    }
}

fn count_failure(
    evidence: &mut StageEvidence,
    failure: Failure,
    awaited: Part,
    policy: &RolloutPolicy,
    resumed_at: Option<DateTime<Utc>>,
) {
    // What a person looked at before resuming does not halt again.
    if resumed_at.is_none_or(|resumed| failure.at > resumed) {
        evidence.failed += 1;
        evidence.reported += 1;
        // It is tried again just now: known as a failure until that attempt says otherwise.
        let is_running = matches!(failure.state, UpdateStateWord::InProgress | UpdateStateWord::Verifying);
        evidence.running -= u32::from(is_running && evidence.running > 0);
    } else {
        // Held is how an update stays that used its attempts.
        let is_used = failure.attempts >= policy.attempts_max || failure.state == UpdateStateWord::Held;
        evidence.accepted += u32::from(failure.part == awaited && is_used);
    }
}
