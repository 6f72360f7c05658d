//! The three state machines: rollout, stage, update. A state carries only its own data; one consuming method per edge;
//! a wrong edge is a typed error.
//!
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
//!             ↓ │ reopen
//!      Skipped · Held (reopen) · AlreadySatisfied
//! ```

use super::report::{EnvironmentReason, MoveReason};
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
            Self::Planned | Self::Announced { .. } | Self::Held { .. } | Self::Skipped { .. } => {
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

    pub fn hold(self, reason: EnvironmentReason) -> Result<Self, WrongEdge> {
        match self {
            Self::Planned | Self::Announced { .. } | Self::Held { .. } | Self::Skipped { .. } => {
                Ok(Self::Held { reason })
            }
            other => Err(other.wrong("be held")),
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

    /// When the last attempt failed, whether or not another night was found for it.
    pub const fn last_failure(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Failed { failed_at, .. } => Some(*failed_at),
            Self::Announced { moved: Some(moved), .. } if matches!(moved.reason, MoveReason::AttemptFailed { .. }) => {
                Some(moved.at)
            }
            _ => None,
        }
    }

    pub const fn is_running(&self) -> bool {
        matches!(self, Self::InProgress { .. } | Self::Verifying { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use uuid::Uuid;

    fn now() -> DateTime<Utc> {
        "2026-10-09T22:30:00Z".parse().unwrap()
    }

    fn night() -> Night {
        Night { date: "2026-10-10".parse().unwrap(), start: now(), end: now() + TimeDelta::hours(6) }
    }

    fn reason() -> EnvironmentReason {
        EnvironmentReason::NoStation { region: "Sweden Central".into() }
    }

    /// One update in each state.
    fn every_state() -> Vec<UpdateState> {
        let announced = UpdateState::Planned.announce(night(), now()).unwrap();
        let running = announced.clone().start(now()).unwrap();
        let verifying = running.clone().applied(now()).unwrap();
        vec![
            UpdateState::Planned,
            announced,
            running.clone(),
            verifying.clone(),
            verifying.confirm(now()).unwrap(),
            running.fail("disk full".into(), now()).unwrap(),
            UpdateState::AlreadySatisfied { since: now() },
            UpdateState::Skipped { reason: reason() },
            UpdateState::Held { reason: reason() },
        ]
    }

    #[test]
    fn each_edge_leaves_exactly_its_states() {
        type Edge = fn(UpdateState) -> Result<UpdateState, WrongEdge>;
        let edges: [(&str, Edge, [bool; 9]); 11] = [
            // planned, announced, in progress, verifying, succeeded, failed, satisfied, skipped, held
            (
                "announce",
                |s| s.announce(night(), now()),
                [true, false, false, false, false, false, false, false, false],
            ),
            (
                "relocate",
                |s| s.relocate(night(), MoveReason::NightMissed, now()),
                [false, true, false, false, false, false, false, false, false],
            ),
            ("start", |s| s.start(now()), [false, true, false, false, false, false, false, false, false]),
            ("applied", |s| s.applied(now()), [false, false, true, false, false, false, false, false, false]),
            ("confirm", |s| s.confirm(now()), [false, false, false, true, false, false, false, false, false]),
            ("fail", |s| s.fail("x".into(), now()), [false, false, true, true, false, false, false, false, false]),
            ("retry", |s| s.retry(night(), now()), [false, false, false, false, false, true, false, false, false]),
            ("satisfy", |s| s.satisfy(now()), [true, true, false, false, false, false, false, true, true]),
            ("skip", |s| s.skip(reason()), [true, true, false, false, false, false, false, true, true]),
            ("hold", |s| s.hold(reason()), [true, true, false, false, false, false, false, true, true]),
            ("reopen", UpdateState::reopen, [false, false, false, false, false, false, false, true, true]),
        ];
        for (name, edge, allowed) in edges {
            for (state, allowed) in every_state().into_iter().zip(allowed) {
                let from = state.word();
                assert_eq!(edge(state).is_ok(), allowed, "{name} from {from:?}");
            }
        }
    }

    #[test]
    fn a_move_keeps_old_new_and_reason() {
        let later = Night { date: "2026-10-17".parse().unwrap(), ..night() };
        let moved = every_state()[1].clone().relocate(later, MoveReason::NightMissed, now()).unwrap();
        assert_eq!(moved.word(), UpdateStateWord::Moved);
        let UpdateState::Announced { night: to, moved: Some(Moved { from, reason, .. }), .. } = moved else {
            panic!("{moved:?}")
        };
        assert_eq!((from, to, reason), (night(), later, MoveReason::NightMissed));
    }

    #[test]
    fn rollout_edges() {
        let user = UserId::new(Uuid::nil());
        let running = RolloutState::Draft.start(user, now()).unwrap();
        let halted = running.clone().halt(HaltCause::Build { reason: "x".into() }, now()).unwrap();
        let completed = running.clone().complete(now()).unwrap();
        let resumed = RolloutState::Running { started_at: now(), started_by: user, resumed_at: Some(now()) };
        assert_eq!(halted.clone().resume(now()), Ok(resumed));
        for state in [&running, &halted, &completed] {
            assert!(state.clone().start(user, now()).is_err());
        }
        for state in [&RolloutState::Draft, &halted, &completed] {
            assert!(state.clone().halt(HaltCause::Build { reason: "x".into() }, now()).is_err());
            assert!(state.clone().complete(now()).is_err());
        }
        for state in [&RolloutState::Draft, &running, &completed] {
            assert!(state.clone().resume(now()).is_err());
        }
    }

    #[test]
    fn stage_edges() {
        let open = StageState::Waiting.open(now()).unwrap();
        let passed = open.pass(now()).unwrap();
        assert!(open.open(now()).is_err() && passed.open(now()).is_err());
        assert!(StageState::Waiting.pass(now()).is_err() && passed.pass(now()).is_err());
        assert!(!StageState::Waiting.admits() && open.admits() && passed.admits());
    }
}
