//! What the planner wants done. So specific that the executor has nothing left to decide.

use super::report::{EnvironmentReason, MoveReason, RolloutReport};
use super::state::{HaltCause, UpdateState};
use crate::calendar::Night;
use crate::fleet::StageKey;
use crate::ids::{EnvironmentId, UpdateId};
use chrono::{DateTime, Utc};

/// The reasons of one environment and the next time something can happen to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Explanation {
    pub reasons: Vec<EnvironmentReason>,
    pub next: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Make the update row of an environment, in its first state.
    Enrol {
        environment: EnvironmentId,
        stage: Option<StageKey>,
        follows: Option<EnvironmentId>,
        state: UpdateState,
        why: Explanation,
    },
    Announce {
        update: UpdateId,
        environment: EnvironmentId,
        night: Night,
        why: Explanation,
    },
    Relocate {
        update: UpdateId,
        environment: EnvironmentId,
        from: Night,
        to: Night,
        reason: MoveReason,
        why: Explanation,
    },
    Retry {
        update: UpdateId,
        environment: EnvironmentId,
        to: Night,
        why: Explanation,
    },
    Start {
        update: UpdateId,
        environment: EnvironmentId,
        why: Explanation,
    },
    Skip {
        update: UpdateId,
        environment: EnvironmentId,
        reason: EnvironmentReason,
    },
    Hold {
        update: UpdateId,
        environment: EnvironmentId,
        reason: EnvironmentReason,
    },
    Satisfy {
        update: UpdateId,
        environment: EnvironmentId,
        why: Explanation,
    },
    /// What held or skipped it is gone; its stage, and whom it follows, are bound now where they were not.
    Reopen {
        update: UpdateId,
        environment: EnvironmentId,
        stage: StageKey,
        follows: Option<EnvironmentId>,
    },
    /// Nothing happens, but the reason changed.
    Explain {
        update: UpdateId,
        why: Explanation,
    },
    OpenStage {
        stage: StageKey,
    },
    PassStage {
        stage: StageKey,
    },
    Halt {
        cause: HaltCause,
    },
    Complete,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a plan does nothing until it is applied"]
pub struct Plan {
    pub actions: Vec<Action>,
    pub report: RolloutReport,
    /// The generation of the facts; the plan is dropped where the rollout has moved on.
    pub based_on: i64,
}

impl Plan {
    /// Why it stops the build, where it does.
    pub fn halt(&self) -> Option<&HaltCause> {
        self.actions.iter().find_map(|action| match action {
            Action::Halt { cause } => Some(cause),
            _ => None,
        })
    }
}
