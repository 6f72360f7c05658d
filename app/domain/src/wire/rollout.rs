//! Rollouts: the list, and one as a line of stages.

use super::WhyView;
use super::signal::{Aspect, ColourRole, LineNode, LineState, UpdateStateWord, When};
use crate::ids::{EnvironmentId, RolloutId};
use crate::rollout::report::StageCounts;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutRow {
    pub id: RolloutId,
    pub train: String,
    pub build: String,
    pub cadence: String,
    pub state: String,
    pub aspect: Aspect,
    pub role: ColourRole,
    /// `Running at station 4`
    pub where_text: String,
    pub line: Vec<LineState>,
    pub counts: StageCounts,
    pub start: String,
    pub last_night: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutsView {
    pub rows: Vec<RolloutRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageRow {
    pub station: u8,
    /// `sandbox`, `production`
    pub audience: String,
    /// `Station 4 · Sandbox`
    pub title: String,
    /// `12–15 Oct 2026`
    pub window: String,
    pub counts: StageCounts,
    pub state: String,
    pub aspect: Aspect,
    pub role: ColourRole,
    pub why: Vec<WhyView>,
    pub next: Option<When>,
    /// The halt of its station that stands, as a lift names it.
    #[serde(default)]
    pub halt: Option<String>,
    /// This person may halt its station, or lift that halt. Said once for each station.
    #[serde(default)]
    pub may_stop: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRow {
    pub station: u8,
    /// Name and time, where it is given.
    pub given: Option<(String, When)>,
    /// Why the last approval does not count, where it does not.
    pub void: Option<String>,
    /// This person may give it now.
    pub may: bool,
    /// Why not, where not: `You started this rollout`.
    pub why_not: String,
    /// Environments that the approval lets in.
    pub environments: u32,
}

/// What this person may do here. Each button exists only where the service would accept it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutActions {
    pub start: bool,
    pub halt: bool,
    pub resume: bool,
    pub of_build: BuildActions,
    /// Environments that a halt would keep from starting.
    pub still_to_start: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildActions {
    pub approve: bool,
    pub withdraw: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineRow {
    pub at: When,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutView {
    pub id: RolloutId,
    pub train: String,
    pub build: String,
    /// The digest of the build's artifact, which its approval is bound to.
    pub artifact: String,
    /// Why the build is not offered, where it is not.
    pub not_offered: Option<String>,
    /// The digest of what an approval of a station is given for.
    pub approving: String,
    pub cadence: String,
    pub state: String,
    pub aspect: Aspect,
    pub role: ColourRole,
    pub where_text: String,
    /// `started Thu 24 Sep 2026 by R. Iyer`
    pub started: String,
    /// The cause of a halt, in words.
    pub halted: Option<String>,
    /// Its build was halted, and so there are ways out. A way back that is halted alone leaves its build good.
    #[serde(default)]
    pub ways_out: bool,
    /// Halts of its stations and of customers, and of everything, in words.
    #[serde(default)]
    pub halts: Vec<String>,
    /// The emergency path that is in force, in words.
    #[serde(default)]
    pub emergency: Option<String>,
    pub last_night: Option<String>,
    pub line: Vec<LineNode>,
    pub counts: StageCounts,
    /// Environments of other service updates, which this train does not meet.
    pub not_aboard: u64,
    pub stages: Vec<StageRow>,
    /// Environments without a station or dark hours.
    pub unplaced: StageCounts,
    pub approvals: Vec<ApprovalRow>,
    /// Customers are told of a night so many days before it.
    pub notice_days: u16,
    pub actions: RolloutActions,
    pub timeline: Vec<TimelineRow>,
    pub generation: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RolloutEnvironmentsParams {
    pub rollout: Option<RolloutId>,
    pub station: String,
    pub audience: String,
    pub state: String,
    pub after: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutEnvironmentRow {
    pub id: EnvironmentId,
    pub name: String,
    pub customer: String,
    pub region: String,
    pub stage: String,
    pub state: UpdateStateWord,
    pub when: Option<When>,
    pub why: Vec<WhyView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutEnvironmentsView {
    pub rows: Vec<RolloutEnvironmentRow>,
    pub next: Option<String>,
    /// False until the rollout starts: nobody is aboard yet.
    pub enrolled: bool,
}
