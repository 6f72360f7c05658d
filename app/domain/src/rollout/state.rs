//! The three state machines: rollout, stage, update. A state carries only its own data; one consuming method per edge;
//! a wrong edge is a typed error.
//! ```text
//! rollout  Draft ─start→ Running ─complete→ Completed        stage  Waiting ─open→ Open ─pass→ Passed
//!                          │  ↑
//!                        halt  resume
//!                          ↓  │
//!                         Halted
//!
//! update   Planned ─announce→ Announced ─start→ InProgress ─applied→ Verifying ─confirm→ Succeeded
//!             │ ↑               │ ↺ relocate         └──────fail─────────┴──────────→ Failed ─retry→ Announced
//!   skip/hold/satisfy           └ skip/hold/satisfy
//!             ↓ │ reopen                                InProgress ─never begun, keeping its night→ Announced
//!      Skipped · Held (reopen) · AlreadySatisfied          Failed ─hold, keeping what failed→ Held
//!                                                          Failed ─satisfy→ AlreadySatisfied
//! ```

use super::report::{EnvironmentReason, FailedAttempt, MoveReason};
use crate::calendar::Night;
use crate::health::GateReport;
use crate::ids::UserId;
use crate::wire::signal::UpdateStateWord;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The edge does not leave the state it was asked of.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a {what} that is {from} cannot {edge}")]
pub struct WrongEdge {
    pub what: &'static str,
    pub from: &'static str,
    pub edge: &'static str,
}

/// Why a build was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum HaltCause {
    /// A person stopped it and said why.
    Person { by: UserId, name: String, reason: String },
    /// The gate of a stage failed.
    Gate { stage: crate::fleet::StageKey, gate: GateReport },
    /// Another rollout of the same build was stopped, or the build itself.
    Build { reason: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RolloutState {
    Draft,
    /// `resumed_at`: a person looked at what had failed until then and let the train go on.
    Running {
        started_at: DateTime<Utc>,
        started_by: UserId,
        resumed_at: Option<DateTime<Utc>>,
    },
    Halted {
        started_at: DateTime<Utc>,
        started_by: UserId,
        halted_at: DateTime<Utc>,
        cause: HaltCause,
    },
    Completed {
        started_at: DateTime<Utc>,
        started_by: UserId,
        completed_at: DateTime<Utc>,
    },
}

impl RolloutState {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Draft => "Not started",
            Self::Running { .. } => "Running",
            Self::Halted { .. } => "Halted",
            Self::Completed { .. } => "Completed",
        }
    }

    /// The form used in the database, in URLs and in the API.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running { .. } => "running",
            Self::Halted { .. } => "halted",
            Self::Completed { .. } => "completed",
        }
    }

    const fn wrong(&self, edge: &'static str) -> WrongEdge {
        WrongEdge { what: "rollout", from: self.word(), edge }
    }

    pub fn start(self, started_by: UserId, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Draft => Ok(Self::Running { started_at: now, started_by, resumed_at: None }),
            other => Err(other.wrong("start")),
        }
    }

    pub fn halt(self, cause: HaltCause, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Running { started_at, started_by, .. } => {
                Ok(Self::Halted { started_at, started_by, halted_at: now, cause })
            }
            other => Err(other.wrong("halt")),
        }
    }

    pub fn resume(self, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Halted { started_at, started_by, .. } => {
                Ok(Self::Running { started_at, started_by, resumed_at: Some(now) })
            }
            other => Err(other.wrong("resume")),
        }
    }

    pub fn complete(self, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Running { started_at, started_by, .. } => {
                Ok(Self::Completed { started_at, started_by, completed_at: now })
            }
            other => Err(other.wrong("complete")),
        }
    }

    pub const fn started_by(&self) -> Option<UserId> {
        match self {
            Self::Draft => None,
            Self::Running { started_by, .. } | Self::Halted { started_by, .. } | Self::Completed { started_by, .. } => {
                Some(*started_by)
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum StageState {
    Waiting,
    Open { opened_at: DateTime<Utc> },
    Passed { opened_at: DateTime<Utc>, passed_at: DateTime<Utc> },
}

impl StageState {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "Waits",
            Self::Open { .. } => "In progress",
            Self::Passed { .. } => "Passed",
        }
    }

    pub fn open(self, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Waiting => Ok(Self::Open { opened_at: now }),
            other => Err(WrongEdge { what: "stage", from: other.word(), edge: "open" }),
        }
    }

    pub fn pass(self, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Open { opened_at } => Ok(Self::Passed { opened_at, passed_at: now }),
            other => Err(WrongEdge { what: "stage", from: other.word(), edge: "pass" }),
        }
    }

    /// Its environments may start: a passed stage still takes those that come later by rule.
    pub const fn admits(self) -> bool {
        !matches!(self, Self::Waiting)
    }
}

/// The last change of an announced night.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub from: Night,
    pub at: DateTime<Utc>,
    pub reason: MoveReason,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum UpdateState {
    /// The stage's window is known, the night is not yet chosen.
    Planned,
    /// The night is chosen and its owner was told.
    Announced {
        night: Night,
        announced_at: DateTime<Utc>,
        moved: Option<Moved>,
    },
    InProgress {
        night: Night,
        started_at: DateTime<Utc>,
    },
    /// The new build runs; its health is being confirmed.
    Verifying {
        night: Night,
        started_at: DateTime<Utc>,
        applied_at: DateTime<Utc>,
    },
    Succeeded {
        night: Night,
        started_at: DateTime<Utc>,
        finished_at: DateTime<Utc>,
    },
    Failed {
        night: Night,
        started_at: DateTime<Utc>,
        failed_at: DateTime<Utc>,
        error: String,
    },
    /// An equal or later build was there before its turn came.
    AlreadySatisfied {
        since: DateTime<Utc>,
    },
    Skipped {
        reason: EnvironmentReason,
    },
    Held {
        reason: EnvironmentReason,
    },
}

impl UpdateState {
    pub const fn word(&self) -> UpdateStateWord {
        match self {
            Self::Planned => UpdateStateWord::Planned,
            Self::Announced { moved: None, .. } => UpdateStateWord::Announced,
            Self::Announced { moved: Some(_), .. } => UpdateStateWord::Moved,
            Self::InProgress { .. } => UpdateStateWord::InProgress,
            Self::Verifying { .. } => UpdateStateWord::Verifying,
            Self::Succeeded { .. } => UpdateStateWord::Succeeded,
            Self::Failed { .. } => UpdateStateWord::Failed,
            Self::AlreadySatisfied { .. } => UpdateStateWord::AlreadySatisfied,
            Self::Skipped { .. } => UpdateStateWord::Skipped,
            Self::Held { .. } => UpdateStateWord::Held,
        }
    }

    fn wrong(&self, edge: &'static str) -> WrongEdge {
        WrongEdge { what: "update", from: self.word().word(), edge }
    }

    pub fn announce(self, night: Night, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Planned => Ok(Self::Announced { night, announced_at: now, moved: None }),
            other => Err(other.wrong("be announced")),
        }
    }

    /// Another night than the announced one; old, new and reason are kept and announced (rule N1).
    pub fn relocate(self, to: Night, reason: MoveReason, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Announced { night: from, announced_at, .. } => {
                Ok(Self::Announced { night: to, announced_at, moved: Some(Moved { from, at: now, reason }) })
            }
            other => Err(other.wrong("move")),
        }
    }

    pub fn start(self, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Announced { night, .. } => Ok(Self::InProgress { night, started_at: now }),
            other => Err(other.wrong("start")),
        }
    }

    /// Nothing touched its environment, and nothing may. When its night was announced is not kept while it runs.
    pub fn never_begun(self) -> Result<Self, WrongEdge> {
        match self {
            Self::InProgress { night, started_at: at } => Ok(Self::Announced { night, announced_at: at, moved: None }),
            other => Err(other.wrong("go back to its announced night")),
        }
    }

    pub fn applied(self, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::InProgress { night, started_at } => Ok(Self::Verifying { night, started_at, applied_at: now }),
            other => Err(other.wrong("be verified")),
        }
    }

    pub fn confirm(self, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Verifying { night, started_at, .. } => Ok(Self::Succeeded { night, started_at, finished_at: now }),
            other => Err(other.wrong("succeed")),
        }
    }

    pub fn fail(self, error: String, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::InProgress { night, started_at } | Self::Verifying { night, started_at, .. } => {
                Ok(Self::Failed { night, started_at, failed_at: now, error })
            }
            other => Err(other.wrong("fail")),
        }
    }

    /// A second night for a failed update: announced as a move, with its reason.
    pub fn retry(self, to: Night, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Failed { night: from, error, .. } => Ok(Self::Announced {
                night: to,
                announced_at: now,
                moved: Some(Moved { from, at: now, reason: MoveReason::AttemptFailed { error } }),
            }),
            other => Err(other.wrong("be tried again")),
        }
    }

    pub fn satisfy(self, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Planned | Self::Announced { .. } | Self::Failed { .. } | Self::Held { .. } | Self::Skipped { .. } => {
                Ok(Self::AlreadySatisfied { since: now })
            }
            other => Err(other.wrong("be satisfied")),
        }
    }

    pub fn skip(self, reason: EnvironmentReason) -> Result<Self, WrongEdge> {
        match self {
            Self::Planned | Self::Announced { .. } | Self::Held { .. } | Self::Skipped { .. } => {
                Ok(Self::Skipped { reason })
            }
            other => Err(other.wrong("be skipped")),
        }
    }

    /// A failed update is held only by the reason that keeps the failure, which stays evidence of the gate.
    pub fn hold(self, reason: EnvironmentReason) -> Result<Self, WrongEdge> {
        match (self, &reason) {
            (Self::Planned | Self::Announced { .. } | Self::Held { .. } | Self::Skipped { .. }, _)
            | (Self::Failed { .. }, EnvironmentReason::AttemptsUsed { .. }) => Ok(Self::Held { reason }),
            (other, _) => Err(other.wrong("be held")),
        }
    }

    /// What held or skipped it is gone: it takes part again.
    pub fn reopen(self) -> Result<Self, WrongEdge> {
        match self {
            Self::Held { .. } | Self::Skipped { .. } => Ok(Self::Planned),
            other => Err(other.wrong("be reopened")),
        }
    }

    /// The night that is chosen, or in which it ran.
    pub const fn night(&self) -> Option<Night> {
        match self {
            Self::Announced { night, .. }
            | Self::InProgress { night, .. }
            | Self::Verifying { night, .. }
            | Self::Succeeded { night, .. }
            | Self::Failed { night, .. } => Some(*night),
            Self::Planned | Self::AlreadySatisfied { .. } | Self::Skipped { .. } | Self::Held { .. } => None,
        }
    }

    /// The attempt with which it ended, or ends unless it is tried again.
    pub fn failed_attempt(&self) -> Option<FailedAttempt> {
        match self {
            Self::Failed { night, started_at, failed_at, error } => Some(FailedAttempt {
                night: *night,
                started_at: *started_at,
                failed_at: *failed_at,
                error: error.clone(),
            }),
            Self::Held { reason: EnvironmentReason::AttemptsUsed { last, .. } } => Some(last.clone()),
            _ => None,
        }
    }

    /// The night that is chosen, or in which it ran, even where it was held afterwards.
    pub fn night_or_tried(&self) -> Option<Night> {
        self.night().or_else(|| self.failed_attempt().map(|last| last.night))
    }

    pub const fn is_running(&self) -> bool {
        matches!(self, Self::InProgress { .. } | Self::Verifying { .. })
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
