//! One path, chosen: a proposal with its targets, approved by a second named person (rule A1), carried out, done.
//! ```text
//! Proposed ─approve→ Approved ─start→ Running ─complete→ Completed
//!     └────────────────┴───abandon──────┴→ Abandoned
//! ```
//! Invariant I7: a version goes backwards only through a running plan of a backward path that names this environment
//! and this build; see [`may_move`].

use super::facts::{BuildRef, RecoveryFacts};
use super::obstacle::Obstacle;
use super::{Direction, RecoveryPath, menu};
use crate::approval::{ApprovalError, Approved, Digest, Terms};
use crate::ids::{EnvironmentId, HaltId, RecoveryId, UserId};
use crate::people::Reasoned;
use crate::rollout::WrongEdge;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use thiserror::Error;

/// One environment goes to one earlier build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    pub environment: EnvironmentId,
    pub to: BuildRef,
    /// Its data start from there, where they cannot stay as they are. Only on new infrastructure.
    pub restored_from: Option<DateTime<Utc>>,
}

/// What is done, to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum Work {
    TurnFlightsOff {
        flights: Vec<String>,
        environments: Vec<EnvironmentId>,
    },
    /// A rollout of this build: same stations, same gates. Who takes it and when is that rollout's business.
    NewRollout {
        to: BuildRef,
    },
    MoveBack {
        moves: Vec<Move>,
    },
}

/// What a second person approves; its digest is theirs. Nothing of it changes after it was proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The halt that it serves. It stays, until a person lifts it.
    pub halt: HaltId,
    pub bad: BuildRef,
    pub path: RecoveryPath,
    pub work: Work,
    pub by: Reasoned,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RecoveryState {
    Proposed,
    Approved {
        approval: Approved,
    },
    Running {
        approval: Approved,
        started_at: DateTime<Utc>,
    },
    Completed {
        approval: Approved,
        started_at: DateTime<Utc>,
        completed_at: DateTime<Utc>,
    },
    /// What was done until then stays done. `approval` where it had one.
    Abandoned {
        approval: Option<Approved>,
        abandoned: Reasoned,
    },
}

impl RecoveryState {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Proposed => "Proposed",
            Self::Approved { .. } => "Approved",
            Self::Running { .. } => "Running",
            Self::Completed { .. } => "Completed",
            Self::Abandoned { .. } => "Abandoned",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryPlan {
    pub id: RecoveryId,
    pub proposal: Proposal,
    pub state: RecoveryState,
}

/// Why a recovery does not go on. Each names the field it belongs to through [`RecoveryError::field`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecoveryError {
    #[error("This path is closed.")]
    Closed { obstacles: Vec<Obstacle> },
    #[error("What it was approved for does not hold any more. Propose it again.")]
    FactsChanged,
    #[error("{0}")]
    Approval(ApprovalError),
    #[error(transparent)]
    WrongEdge(#[from] WrongEdge),
}

impl RecoveryError {
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Closed { .. } | Self::FactsChanged => "path",
            Self::Approval(error) => error.field(),
            Self::WrongEdge(_) => "state",
        }
    }
}

/// Proposes a path that the menu shows open. Environments that it cannot reach are left out.
pub fn propose(
    facts: &RecoveryFacts,
    path: RecoveryPath,
    id: RecoveryId,
    by: Reasoned,
) -> Result<RecoveryPlan, RecoveryError> {
    let work = facts.work(path).map_err(|obstacles| RecoveryError::Closed { obstacles })?;
    let Some(halt) = facts.halt else {
        return Err(RecoveryError::Closed { obstacles: vec![Obstacle::NotHalted] });
    };
    let proposal = Proposal { halt, bad: facts.bad, path, work, by };
    Ok(RecoveryPlan { id, proposal, state: RecoveryState::Proposed })
}

impl RecoveryFacts {
    fn work(&self, path: RecoveryPath) -> Result<Work, Vec<Obstacle>> {
        let closed = menu(self).into_iter().find(|choice| choice.path == path && !choice.open());
        if let Some(choice) = closed {
            return Err(choice.obstacles);
        }
        match path {
            RecoveryPath::FallBackByFlight => {
                let flights = self.guilty().filter_map(|change| change.flight.as_ref());
                let mut flights: Vec<String> =
                    flights.filter(|flight| flight.on).map(|flight| flight.name.clone()).collect();
                flights.sort();
                flights.dedup();
                let environments = self.stricken.iter().map(|one| one.environment).collect();
                Ok(Work::TurnFlightsOff { flights, environments })
            }
            RecoveryPath::RollForward => {
                let next = self.next_build().ok_or_else(|| vec![Obstacle::NoNewerBuild])?;
                Ok(Work::NewRollout { to: next.build })
            }
            RecoveryPath::RollBack | RecoveryPath::RedeployLastKnownGood => {
                let reached = self.stricken.iter().filter(|one| self.obstacles_of(path, one).is_empty());
                let moves = reached.filter_map(|one| {
                    let restored_from = self.restores(path, one);
                    one.last_good.map(|last| Move { environment: one.environment, to: last.build, restored_from })
                });
                Ok(Work::MoveBack { moves: moves.collect() })
            }
        }
    }

    /// Nothing that was approved has become wrong since: each target that still runs the bad build would be treated the
    /// same today. Fewer targets are fine; more are not: who could be reached today and is not named is left behind.
    fn still_allow(&self, proposal: &Proposal) -> bool {
        if self.halt != Some(proposal.halt) || self.bad != proposal.bad {
            return false;
        }
        match (&proposal.work, self.work(proposal.path)) {
            (Work::TurnFlightsOff { flights, .. }, Ok(Work::TurnFlightsOff { flights: today, .. })) => {
                today.iter().all(|flight| flights.contains(flight))
            }
            // A still newer build may have come: the approved one has to be allowed, not to be the newest.
            (Work::NewRollout { to }, Ok(Work::NewRollout { .. })) => {
                self.newer().any(|record| record.build == *to && record.approved && !record.halted)
            }
            (Work::MoveBack { moves }, Ok(Work::MoveBack { moves: today })) => {
                let is_gone = |one: &Move| self.stricken.iter().all(|stricken| stricken.environment != one.environment);
                let named: BTreeSet<EnvironmentId> = moves.iter().map(|one| one.environment).collect();
                let stands: HashMap<EnvironmentId, &Move> = today.iter().map(|one| (one.environment, one)).collect();
                moves.iter().all(|one| stands.get(&one.environment) == Some(&one) || is_gone(one))
                    && today.iter().all(|one| named.contains(&one.environment))
            }
            _ => false,
        }
    }
}

impl RecoveryState {
    /// The form used in the database.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved { .. } => "approved",
            Self::Running { .. } => "running",
            Self::Completed { .. } => "completed",
            Self::Abandoned { .. } => "abandoned",
        }
    }
}

impl RecoveryPlan {
    fn wrong(&self, edge: &'static str) -> RecoveryError {
        WrongEdge { what: "recovery", from: self.state.word(), edge }.into()
    }

    /// By a second named person. `digest` is the proposal's, `authorised` are those who may approve recoveries.
    pub fn approve(self, approval: Approved, digest: &Digest, authorised: &[UserId]) -> Result<Self, RecoveryError> {
        if self.state != RecoveryState::Proposed {
            return Err(self.wrong("be approved"));
        }
        let terms = Terms { digest, author: self.proposal.by.by.id, authorised, needed: 1 };
        terms.take(&[], &approval).map_err(RecoveryError::Approval)?;
        Ok(Self { state: RecoveryState::Approved { approval }, ..self })
    }

    /// Checked again with the facts of now: the approver is still authorised, and nothing has become wrong since.
    pub fn start(
        self,
        facts: &RecoveryFacts,
        digest: &Digest,
        authorised: &[UserId],
        now: DateTime<Utc>,
    ) -> Result<Self, RecoveryError> {
        let RecoveryState::Approved { approval } = &self.state else { return Err(self.wrong("start")) };
        let terms = Terms { digest, author: self.proposal.by.by.id, authorised, needed: 1 };
        terms.take(&[], approval).map_err(RecoveryError::Approval)?;
        if !facts.still_allow(&self.proposal) {
            return Err(RecoveryError::FactsChanged);
        }
        let state = RecoveryState::Running { approval: approval.clone(), started_at: now };
        Ok(Self { state, ..self })
    }

    pub fn complete(self, now: DateTime<Utc>) -> Result<Self, RecoveryError> {
        match self.state {
            RecoveryState::Running { approval, started_at } => {
                Ok(Self { state: RecoveryState::Completed { approval, started_at, completed_at: now }, ..self })
            }
            _ => Err(self.wrong("complete")),
        }
    }

    pub fn abandon(self, abandoned: Reasoned) -> Result<Self, RecoveryError> {
        let approval = match self.state {
            RecoveryState::Proposed => None,
            RecoveryState::Approved { approval } | RecoveryState::Running { approval, .. } => Some(approval),
            RecoveryState::Completed { .. } | RecoveryState::Abandoned { .. } => return Err(self.wrong("be abandoned")),
        };
        Ok(Self { state: RecoveryState::Abandoned { approval, abandoned }, ..self })
    }

    /// It runs, goes backwards, and names this environment and this build.
    fn takes_back(&self, environment: EnvironmentId, to: BuildRef) -> bool {
        let RecoveryState::Running { .. } = self.state else { return false };
        let Work::MoveBack { moves } = &self.proposal.work else { return false };
        self.proposal.path.direction() == Direction::Backward
            && moves.iter().any(|one| one.environment == environment && one.to == to)
    }
}

/// Why a version does not go there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Backwards {
    #[error("A version goes backwards only through an approved recovery that names this environment and this build.")]
    NoApprovedRecovery,
    #[error("An environment never moves to another service update by a quality update.")]
    OtherServiceUpdate,
}

/// Rules G6 and I7, for every move of an environment, whoever asks: forwards is free, backwards needs a plan.
pub fn may_move(
    plans: &[RecoveryPlan],
    environment: EnvironmentId,
    from: BuildRef,
    to: BuildRef,
) -> Result<(), Backwards> {
    if from.service_update != to.service_update {
        return Err(Backwards::OtherServiceUpdate);
    }
    if to.version >= from.version || plans.iter().any(|plan| plan.takes_back(environment, to)) {
        return Ok(());
    }
    Err(Backwards::NoApprovedRecovery)
}
