//! The ways out of a halt: whom it concerns, which way is open, what was chosen.

use super::emergency::ChoiceRow;
use super::signal::{Aspect, ColourRole, When};
use crate::ids::{RecoveryId, RolloutId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RecoveryParams {
    pub rollout: Option<RolloutId>,
    /// How bad it is: it decides the order of the ways.
    pub severity: String,
}

/// Environments of the rollout, by what the halt means for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    pub updated: u32,
    pub running: u32,
    pub waiting: u32,
    pub failed: u32,
    /// Everywhere, whoever brought the build.
    pub runs_it: u32,
}

/// One way, open or closed with all that closes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayRow {
    pub key: String,
    pub title: String,
    pub does: String,
    pub reach: String,
    /// Why it has its place in the order.
    pub because: String,
    /// Empty where it is open.
    pub obstacles: Vec<String>,
    /// `3 environments: an update runs just now`
    pub left_out: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryView {
    pub id: RecoveryId,
    pub title: String,
    pub sentence: String,
    pub state: String,
    pub aspect: Aspect,
    pub role: ColourRole,
    pub reason: String,
    pub proposed_by: String,
    pub proposed: When,
    /// Of what is approved.
    pub digest: String,
    pub is_proposed: bool,
    /// Empty where this person may approve it.
    pub why_not: String,
    pub may_start: bool,
    pub may_abandon: bool,
    /// Rollouts that carry it out.
    pub rollouts: Vec<(RolloutId, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryPageView {
    pub rollout: RolloutId,
    pub train: String,
    pub build: String,
    /// The cause, where it is halted.
    pub halted: Option<String>,
    pub severity: String,
    pub severities: Vec<ChoiceRow>,
    pub affected: Affected,
    /// In the order to look at them.
    pub ways: Vec<WayRow>,
    pub may_propose: bool,
    /// Newest first.
    pub recoveries: Vec<RecoveryView>,
}
