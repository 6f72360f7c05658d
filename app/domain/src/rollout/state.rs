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
//!      Skipped · Held · AlreadySatisfied (reopen)          Failed ─hold, keeping what failed→ Held
//!                                                          Failed ─satisfy→ AlreadySatisfied
//!
//!          Succeeded · Failed · AlreadySatisfied, where taken ahead ─reconsider→ Verifying (only to end otherwise)
//!          Planned · Announced · Skipped · Held ─pull→ Announced ─unpull→ what it was      Verifying ─confirm→ AlreadySatisfied
//! ```

mod update;

use crate::health::GateReport;
use crate::ids::UserId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use update::{Moved, UpdateState};

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
    /// A listening system: a source of health signals and incidents. `incident` as its own system names it.
    ListeningSystem { system: String, incident: Option<String>, finding: String },
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
        /// As it was when it ran: what failed until then stays accepted.
        #[serde(default)]
        resumed_at: Option<DateTime<Utc>>,
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
            Self::Running { started_at, started_by, resumed_at } => {
                Ok(Self::Halted { started_at, started_by, halted_at: now, cause, resumed_at })
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

    pub const fn is_halted(&self) -> bool {
        matches!(self, Self::Halted { .. })
    }

    /// When a person last let it go on, knowing what had failed until then.
    pub const fn resumed_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Running { resumed_at, .. } | Self::Halted { resumed_at, .. } => *resumed_at,
            Self::Draft | Self::Completed { .. } => None,
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

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
