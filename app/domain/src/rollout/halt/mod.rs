//! Halts (rules H1, H2): safety stops with a scope, each lifted by itself by a named person who says why. Several can
//! hold at once. Nothing lifts a halt but [`Halt::lift`]: no pass of a gate, no new evidence, no passing of time
//! (issue 3: "a later pass never silently un-halts it").
//!
//! | scope | stops |
//! |---|---|
//! | build | every rollout of that build (H1) |
//! | rollout | every stage of one rollout |
//! | station | both audiences of one station of one rollout |
//! | customer | the environments of one customer, in one rollout or in all; no stage waits for it (H2) |
//! | everything | every rollout, present and to come: the kill switch, the first of all checks |
//!
//! A halt stops starts. Updates that run go on to their end and are watched.
//! Not here: when evidence calls for a halt (`health`), and the state of a rollout (`rollout::state`).

mod effect;
mod words;

use super::state::{HaltCause, WrongEdge};
use crate::fleet::StationNumber;
use crate::ids::{BuildId, CustomerId, HaltId, RolloutId};
use crate::people::Reasoned;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use effect::{Aboard, HaltEffect};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum HaltScope {
    Build {
        build: BuildId,
    },
    Rollout {
        rollout: RolloutId,
    },
    Station {
        rollout: RolloutId,
        station: StationNumber,
    },
    /// Rule H2. Without a rollout: in every rollout, present and to come, until it is lifted.
    Customer {
        customer: CustomerId,
        rollout: Option<RolloutId>,
    },
    /// The kill switch.
    Everything,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    pub id: HaltId,
    pub scope: HaltScope,
    pub cause: HaltCause,
    pub at: DateTime<Utc>,
    /// Who let it go on, when and why. Kept: a lifted halt stays in the record.
    pub lifted: Option<Reasoned>,
}

/// One stage's worth of questions: a station of a rollout of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageTarget {
    pub build: BuildId,
    pub rollout: RolloutId,
    pub station: StationNumber,
}

/// One environment of a customer in such a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartTarget {
    pub stage: StageTarget,
    pub customer: CustomerId,
}

impl HaltScope {
    /// The form used in the database, in URLs and in the API.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Build { .. } => "build",
            Self::Rollout { .. } => "rollout",
            Self::Station { .. } => "station",
            Self::Customer { .. } => "customer",
            Self::Everything => "everything",
        }
    }

    /// The order of the checks, and so of the reasons: the wider goes first.
    const fn order(self) -> u8 {
        match self {
            Self::Everything => 0,
            Self::Build { .. } => 1,
            Self::Rollout { .. } => 2,
            Self::Station { .. } => 3,
            Self::Customer { .. } => 4,
        }
    }

    pub fn takes_stage(self, stage: StageTarget) -> bool {
        match self {
            Self::Build { build } => build == stage.build,
            Self::Rollout { rollout } => rollout == stage.rollout,
            Self::Station { rollout, station } => (rollout, station) == (stage.rollout, stage.station),
            Self::Customer { .. } => false,
            Self::Everything => true,
        }
    }

    pub fn takes(self, target: StartTarget) -> bool {
        match self {
            Self::Customer { customer, rollout } => {
                customer == target.customer && rollout.is_none_or(|rollout| rollout == target.stage.rollout)
            }
            wider => wider.takes_stage(target.stage),
        }
    }
}

impl Halt {
    pub const fn new(id: HaltId, scope: HaltScope, cause: HaltCause, at: DateTime<Utc>) -> Self {
        Self { id, scope, cause, at, lifted: None }
    }

    pub const fn stands(&self) -> bool {
        self.lifted.is_none()
    }

    pub const fn word(&self) -> &'static str {
        if self.stands() { "Halted" } else { "Lifted" }
    }

    /// The only way on.
    pub fn lift(self, lift: Reasoned) -> Result<Self, WrongEdge> {
        match self.lifted {
            None => Ok(Self { lifted: Some(lift), ..self }),
            Some(_) => Err(WrongEdge { what: "halt", from: "Lifted", edge: "be lifted" }),
        }
    }
}

/// Every halt that forbids a start of this environment, the widest first. Empty: no halt does.
pub fn stops_start(halts: &[Halt], target: StartTarget) -> Vec<&Halt> {
    in_order(halts.iter().filter(|halt| halt.stands() && halt.scope.takes(target)))
}

/// Every halt that forbids this stage to open or to pass. A customer's own halt stops no stage (rule H2).
pub fn stops_stage(halts: &[Halt], stage: StageTarget) -> Vec<&Halt> {
    in_order(halts.iter().filter(|halt| halt.stands() && halt.scope.takes_stage(stage)))
}

fn in_order<'a>(halts: impl Iterator<Item = &'a Halt>) -> Vec<&'a Halt> {
    let mut halts: Vec<&Halt> = halts.collect();
    halts.sort_by_key(|halt| halt.scope.order());
    halts
}

/// Why the record of halts is not changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HaltError {
    #[error("There is no such halt.")]
    NoSuchHalt,
    #[error(transparent)]
    WrongEdge(#[from] WrongEdge),
}

/// The record of halts: it grows, and each is lifted by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Halts(Vec<Halt>);

impl FromIterator<Halt> for Halts {
    fn from_iter<I: IntoIterator<Item = Halt>>(halts: I) -> Self {
        Self(halts.into_iter().collect())
    }
}

impl Halts {
    pub fn as_slice(&self) -> &[Halt] {
        &self.0
    }

    /// Adds a halt. One that is known already is not added again, nor changed: the same evidence may arrive twice, and
    /// must not bring back what a person lifted. Says whether it was new.
    pub fn place(&mut self, halt: Halt) -> bool {
        let new = self.0.iter().all(|known| known.id != halt.id);
        if new {
            self.0.push(halt);
        }
        new
    }

    /// Lifts exactly this one; whatever else holds goes on holding.
    pub fn lift(&mut self, id: HaltId, lift: Reasoned) -> Result<(), HaltError> {
        let halt = self.0.iter_mut().find(|halt| halt.id == id).ok_or(HaltError::NoSuchHalt)?;
        *halt = halt.clone().lift(lift)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
