//! Environments: the list, and one whole.

use super::WhyView;
use super::exemption::ExemptionPanel;
use super::signal::{LineNode, UpdateStateWord, When};
use crate::fleet::EnvironmentKind;
use crate::ids::{CustomerId, EnvironmentId, RolloutId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EnvironmentsParams {
    /// Part of a name.
    pub q: String,
    pub kind: String,
    pub state: String,
    /// Keyset cursor: the id of the last row before.
    pub after: Option<EnvironmentId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentRow {
    pub id: EnvironmentId,
    pub name: String,
    pub kind: EnvironmentKind,
    /// `Sandbox, tier 2`
    pub kind_text: String,
    pub region: String,
    pub service_update: String,
    pub build: String,
    pub designation: String,
    pub state: Option<UpdateStateWord>,
    /// The reason where the state has one, else the date: `Wed 14 Oct`, `exempt until 31 Dec`.
    pub state_text: String,
    pub next: Option<When>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentsView {
    pub rows: Vec<EnvironmentRow>,
    pub total: u64,
    pub next: Option<EnvironmentId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextUpdateView {
    pub rollout: RolloutId,
    pub train: String,
    pub build: String,
    pub state: UpdateStateWord,
    /// The night where it is chosen, else the dates of the window.
    pub when: When,
    pub night_chosen: bool,
    pub announced: Option<When>,
    /// `Moved from Sat 10 Oct 2026: …`
    pub moved: Option<String>,
    /// `about 30 minutes of outage` or `near-zero downtime`
    pub impact: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    pub train: String,
    pub build: String,
    pub when: Option<When>,
    /// `21 min`
    pub took: String,
    pub state: UpdateStateWord,
    pub text: String,
}

/// One option of the designation form and what it would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesignationOption {
    /// `standard`, `early`, `with_production`
    pub key: String,
    pub title: String,
    pub hint: String,
    /// Said before it is chosen, by the rule that carries it out; an option that is refused says why.
    pub effect: String,
    pub refused: bool,
    pub chosen: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesignationForm {
    pub title: String,
    pub options: Vec<DesignationOption>,
    pub productions: Vec<(EnvironmentId, String)>,
    pub production: Option<EnvironmentId>,
    pub generation: i64,
}

/// What the planner goes by and the owner chooses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanningForm {
    /// Key, word and whether it is chosen, from Monday on. None chosen: the usual nights.
    pub days: Vec<(String, String, bool)>,
    /// `weekend nights`
    pub usual: String,
    /// ISO date of the next service update; empty where none is known.
    pub date: String,
    /// What that date does.
    pub due_text: Option<String>,
    /// `None` where it is no production.
    pub priority_batch: Option<bool>,
    pub generation: i64,
}

/// One start that can be chosen, and what it does: said by the rule that carries it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullOption {
    /// `now`, or the date of the night.
    pub key: String,
    pub title: String,
    pub effect: String,
}

/// Taking the coming build ahead of its night, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullView {
    /// `generation` is of the update that the form was made from.
    Offered {
        build: String,
        options: Vec<PullOption>,
        generation: i64,
    },
    /// Why not, and from when on or what first.
    Refused {
        build: String,
        why: String,
        way_out: String,
    },
    Booked {
        build: String,
        says: String,
        generation: i64,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentView {
    pub id: EnvironmentId,
    pub name: String,
    pub customer: (CustomerId, String),
    pub kind: EnvironmentKind,
    pub kind_text: String,
    pub region: String,
    pub service_update: String,
    pub build: String,
    pub since: When,
    pub next: Option<NextUpdateView>,
    /// Without a `next`: the train is not done with it all the same, and this is what comes.
    pub unsettled: Option<String>,
    /// Empty where no rollout is under way for it.
    pub line: Vec<LineNode>,
    pub why: Vec<WhyView>,
    pub history: Vec<HistoryRow>,
    /// `None` where it is no sandbox or the viewer may not change it.
    pub designation: Option<DesignationForm>,
    /// `None` where no train that takes it is under way, or the viewer may not choose for it.
    pub pull: Option<PullView>,
    /// `None` where the viewer may not change it.
    pub planning: Option<PlanningForm>,
    /// `None` where its customer is not regulated and there never was one.
    pub exemption: Option<ExemptionPanel>,
    /// `Updated with PROD`, in words, for everybody.
    pub designation_text: String,
    /// Label and value: id, platform, region and station, dark hours, days, batch, exemption.
    pub facts: Vec<(String, String)>,
}
