//! The plan of a rollout before it happens: who goes when, who is left out, what stands in the way, what changed.

use super::WhyView;
use super::signal::When;
use crate::ids::{EnvironmentId, RolloutId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanParams {
    pub rollout: Option<RolloutId>,
    /// A reason whose environments are listed, as `LeftOut::key` writes it.
    pub why: String,
    pub after: String,
}

/// A number for each of the things that a rollout has stages for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStageRow {
    /// `Station 4 · Sandbox`
    pub title: String,
    /// `12–15 Oct 2026`
    pub window: String,
    pub percent: u8,
    pub aboard: u32,
    pub left_out: u32,
    /// By the worst build, before its gate stops it.
    #[serde(default)]
    pub harmed_at_most: Option<u32>,
    /// `Mon 12 Oct 2026` and how many.
    pub nights: Vec<(String, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutRow {
    pub key: String,
    pub word: String,
    pub environments: u32,
}

/// What a number was and is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRow {
    /// `Station 4 · Sandbox, Mon 12 Oct 2026`
    pub what: String,
    pub before: String,
    pub after: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceView {
    /// `Since plan 2: the rollout was edited by R. Iyer on …`
    pub because: String,
    pub rows: Vec<ChangeRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedRow {
    pub id: EnvironmentId,
    pub name: String,
    pub region: String,
    pub why: String,
}

/// The environments that are left out for one reason, some at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedView {
    pub word: String,
    pub rows: Vec<ListedRow>,
    pub next: Option<String>,
}

/// A choice of the form that sets a percentage: its key, its words.
pub type RampChoice = (String, String);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiguresView {
    pub made: When,
    pub aboard: u32,
    pub skipped: u32,
    /// `Sun 25 Oct 2026`
    pub last_night: Option<String>,
    pub stages: Vec<PlanStageRow>,
    pub left_out: Vec<LeftOutRow>,
    pub conflicts: Vec<WhyView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanView {
    pub id: RolloutId,
    pub train: String,
    pub build: String,
    pub state: String,
    /// Of the plan that is shown; 0 before the first is worked out.
    pub number: u32,
    /// Customers looked at, and all of them, while a newer plan is being worked out.
    pub progress: Option<(u64, u64)>,
    pub figures: Option<FiguresView>,
    pub difference: Option<DifferenceView>,
    pub listed: Option<ListedView>,
    /// Empty where this person may not set a percentage.
    pub ramp: Vec<RampChoice>,
    /// Percentages can only be raised.
    pub only_up: bool,
}
