//! The state of one environment's update; its picture is in the module above.

use super::WrongEdge;
use crate::calendar::Night;
use crate::rollout::report::{EnvironmentReason, FailedAttempt, MoveReason};
use crate::wire::signal::UpdateStateWord;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

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
    /// An equal or later build was there before its turn came. `cancelled` here and below: the announced night that does
    /// not take place.
    AlreadySatisfied {
        since: DateTime<Utc>,
        cancelled: Option<Night>,
        /// When the attempt started with which its owner took the build ahead, where it came so.
        #[serde(default)]
        pulled_at: Option<DateTime<Utc>>,
    },
    Skipped {
        reason: EnvironmentReason,
        cancelled: Option<Night>,
    },
    Held {
        reason: EnvironmentReason,
        cancelled: Option<Night>,
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

    /// Its owner takes it ahead, in this night. What kept it out of the push does not keep it out of this.
    pub fn pull(self, to: Night, reason: MoveReason, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Announced { .. } => self.relocate(to, reason, now),
            Self::Held { reason: EnvironmentReason::AttemptsUsed { .. }, .. } => Err(self.wrong("be taken ahead")),
            Self::Planned | Self::Skipped { .. } | Self::Held { .. } => {
                Ok(Self::Announced { night: to, announced_at: now, moved: None })
            }
            other => Err(other.wrong("be taken ahead")),
        }
    }

    /// It is not taken ahead after all, and nothing has begun: what was before stands again.
    pub fn unpull(self, before: Self) -> Result<Self, WrongEdge> {
        match self {
            Self::Announced { .. } => Ok(before),
            other => Err(other.wrong("go back to what it was")),
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

    /// Its agent takes back how the attempt ended: that is open again. When its build was applied is not kept once it ended.
    /// `ahead`: the night in which its owner took it ahead.
    pub fn reconsider(self, ahead: Option<Night>) -> Result<Self, WrongEdge> {
        match (self, ahead) {
            (Self::AlreadySatisfied { since, pulled_at: Some(started_at), .. }, Some(night)) => {
                Ok(Self::Verifying { night, started_at, applied_at: since })
            }
            (
                Self::Succeeded { night, started_at, finished_at: at }
                | Self::Failed { night, started_at, failed_at: at, .. },
                _,
            ) => Ok(Self::Verifying { night, started_at, applied_at: at }),
            (other, _) => Err(other.wrong("end otherwise")),
        }
    }

    /// Healthy, and its owner had taken it ahead: the push finds it there. `replaces` is the night that it needs no more.
    pub fn confirm_pulled(self, replaces: Option<Night>, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self {
            Self::Verifying { started_at, .. } => {
                Ok(Self::AlreadySatisfied { since: now, cancelled: replaces, pulled_at: Some(started_at) })
            }
            other => Err(other.wrong("be satisfied ahead of its night")),
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
        let cancelled = self.promised();
        match self {
            Self::Planned | Self::Announced { .. } | Self::Failed { .. } | Self::Held { .. } | Self::Skipped { .. } => {
                Ok(Self::AlreadySatisfied { since: now, cancelled, pulled_at: None })
            }
            other => Err(other.wrong("be satisfied")),
        }
    }

    pub fn skip(self, reason: EnvironmentReason) -> Result<Self, WrongEdge> {
        let cancelled = self.promised();
        match self {
            Self::Planned
            | Self::Announced { .. }
            | Self::Held { .. }
            | Self::Skipped { .. }
            | Self::AlreadySatisfied { .. } => Ok(Self::Skipped { reason, cancelled }),
            other => Err(other.wrong("be skipped")),
        }
    }

    /// A failed update is held only by the reason that keeps the failure, which stays evidence of the gate.
    pub fn hold(self, reason: EnvironmentReason) -> Result<Self, WrongEdge> {
        let cancelled = self.promised();
        match (self, &reason) {
            (
                Self::Planned
                | Self::Announced { .. }
                | Self::Held { .. }
                | Self::Skipped { .. }
                | Self::AlreadySatisfied { .. },
                _,
            )
            | (Self::Failed { .. }, EnvironmentReason::AttemptsUsed { .. }) => Ok(Self::Held { reason, cancelled }),
            (other, _) => Err(other.wrong("be held")),
        }
    }

    /// What held or skipped it is gone, or the build that was there is: it takes part again.
    pub fn reopen(self) -> Result<Self, WrongEdge> {
        match self {
            Self::Held { .. } | Self::Skipped { .. } | Self::AlreadySatisfied { .. } => Ok(Self::Planned),
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

    /// The night that was announced and does not take place.
    pub const fn cancelled(&self) -> Option<Night> {
        match self {
            Self::AlreadySatisfied { cancelled, .. }
            | Self::Skipped { cancelled, .. }
            | Self::Held { cancelled, .. } => *cancelled,
            _ => None,
        }
    }

    /// The night that is chosen, in which it ran, or that does not take place.
    pub fn night_or_cancelled(&self) -> Option<Night> {
        self.night().or(self.cancelled())
    }

    /// The night that its owner was last told and that was not used.
    const fn promised(&self) -> Option<Night> {
        match self {
            Self::Announced { night, .. } => Some(*night),
            _ => self.cancelled(),
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
            Self::Held { reason: EnvironmentReason::AttemptsUsed { last, .. }, .. } => Some(last.clone()),
            _ => None,
        }
    }

    /// The night that is chosen, or in which it ran, even where it was held afterwards.
    pub fn night_or_tried(&self) -> Option<Night> {
        self.night().or_else(|| self.failed_attempt().map(|last| last.night))
    }

    pub const fn is_announced(&self) -> bool {
        matches!(self, Self::Announced { .. })
    }

    /// This rollout brought the build, and it is healthy: in its turn, or ahead of it. That an equal or later one is there
    /// says nothing of its health.
    pub const fn is_delivered(&self) -> bool {
        matches!(self, Self::Succeeded { .. } | Self::AlreadySatisfied { pulled_at: Some(_), .. })
    }

    pub const fn is_running(&self) -> bool {
        matches!(self, Self::InProgress { .. } | Self::Verifying { .. })
    }
}
