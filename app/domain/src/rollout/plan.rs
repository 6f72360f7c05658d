//! What the planner wants done. So specific that the executor has nothing left to decide.

use super::report::{EnvironmentReason, MoveReason, RolloutReport};
use super::state::{HaltCause, UpdateState};
use super::tally::Part;
use crate::calendar::Night;
use crate::fleet::StageKey;
use crate::ids::{CustomerId, EnvironmentId, UpdateId};
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
        part: Part,
        early: bool,
        /// In the order of starts, after early ones and earlier nights.
        place: u64,
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
    /// Its owner took it ahead, and that does not take place: what was before stands again.
    EndPull {
        update: UpdateId,
        environment: EnvironmentId,
        night: Night,
        before: UpdateState,
        reason: MoveReason,
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
    /// What it counts for in its stage, or whether it goes first, is no longer what was written.
    Assign {
        update: UpdateId,
        environment: EnvironmentId,
        part: Part,
        early: bool,
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

impl Action {
    /// The environment whose update it changes, beyond its reasons. What follows from that is seen by the next plan of
    /// the same instant.
    pub const fn changes(&self) -> Option<EnvironmentId> {
        match self {
            Self::Enrol { environment, .. }
            | Self::Announce { environment, .. }
            | Self::Relocate { environment, .. }
            | Self::Retry { environment, .. }
            | Self::Start { environment, .. }
            | Self::Skip { environment, .. }
            | Self::Hold { environment, .. }
            | Self::Satisfy { environment, .. }
            | Self::EndPull { environment, .. }
            | Self::Reopen { environment, .. }
            | Self::Assign { environment, .. } => Some(*environment),
            Self::Explain { .. }
            | Self::OpenStage { .. }
            | Self::PassStage { .. }
            | Self::Halt { .. }
            | Self::Complete => None,
        }
    }
}

/// When an estate has to be looked at again, unless something happens to it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EstatePlan {
    pub customer: CustomerId,
    /// `None`: only when something happens to it.
    pub wake: Option<DateTime<Utc>>,
    /// When its last night starts that is chosen or expected.
    pub last_night: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a plan does nothing until it is applied"]
pub struct Plan {
    pub actions: Vec<Action>,
    /// One for each estate of the facts.
    pub estates: Vec<EstatePlan>,
    /// Until then time alone changes nothing in what becomes of stages and of the rollout; `None`: it may at any time.
    pub rests_until: Option<DateTime<Utc>>,
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
