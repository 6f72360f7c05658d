//! Recovery: the ways out of a halt, as a menu with preconditions, and the plan that carries one out.
//! Source: seed "Issue detection" (roll back, roll forward, deploy new infrastructure) and "Version fallback" (flights);
//! domain.md §9.3; invariant I7.
//!
//! | part | holds |
//! |---|---|
//! | [`facts`] | what is known: the build, its changes and flights, schema changes, who runs it, what executors can |
//! | [`obstacle`] | why a path is closed, or closed for one environment: a closed set |
//! | [`mod@menu`] | the four paths in the order to look at them |
//! | [`plan`] | one path chosen: its targets, its approval, its life |
//! | [`words`] | the sentences |
//!
//! No path lifts a halt. A recovery serves a halt that stands; who has recovered lifts it by name (see `rollout::halt`).
//! Not here: how an executor turns flights or moves a build.

pub mod facts;
pub mod menu;
pub mod obstacle;
pub mod plan;
pub mod words;

use serde::{Deserialize, Serialize};

pub use facts::{
    BuildRecord, BuildRef, Capabilities, ChangeFact, Flight, LastGood, RecoveryFacts, Schema, SchemaChange, Stricken,
};
pub use menu::{Choice, Preference, Reach, menu};
pub use obstacle::Obstacle;
pub use plan::{Backwards, Move, Proposal, RecoveryError, RecoveryPlan, RecoveryState, Work, may_move, propose};

/// The menu of the seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryPath {
    /// The flights of the build's changes are turned off where it runs. No version moves.
    FallBackByFlight,
    /// A newer build, through the same rollout machinery.
    RollForward,
    /// Back to what ran before, in place.
    RollBack,
    /// What ran before, on new infrastructure.
    RedeployLastKnownGood,
}

/// Where the version of an environment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Stays,
    Forward,
    Backward,
}

impl RecoveryPath {
    pub const ALL: [Self; 4] = [Self::FallBackByFlight, Self::RollForward, Self::RollBack, Self::RedeployLastKnownGood];

    /// The form used in the database, in URLs and in the API.
    pub const fn key(self) -> &'static str {
        match self {
            Self::FallBackByFlight => "fall_back_by_flight",
            Self::RollForward => "roll_forward",
            Self::RollBack => "roll_back",
            Self::RedeployLastKnownGood => "redeploy_last_known_good",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|path| path.key() == key)
    }

    pub const fn direction(self) -> Direction {
        match self {
            Self::FallBackByFlight => Direction::Stays,
            Self::RollForward => Direction::Forward,
            Self::RollBack | Self::RedeployLastKnownGood => Direction::Backward,
        }
    }
}

#[cfg(test)]
mod tests;
