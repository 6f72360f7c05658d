//! The version finder of support: what runs where, since when.

use super::signal::{UpdateStateWord, When};
use crate::ids::EnvironmentId;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeploymentsParams {
    /// A version or its beginning, a customer, an environment.
    pub q: String,
    /// `1`…`6`, `none` for environments without a station, empty for all.
    pub station: String,
    pub region: String,
    pub kind: String,
    pub state: String,
    /// Cursor: opaque text from the page before.
    pub after: String,
}

/// One build, and how many environments of each station run it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatrixRow {
    pub build: String,
    pub service_update: String,
    /// `PQU-7`, empty where no train of the catalogue carried it.
    pub train: String,
    /// As many as `DeploymentsView::stations`.
    pub counts: Vec<u64>,
    pub total: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentRow {
    pub id: EnvironmentId,
    pub name: String,
    pub customer: String,
    pub kind_text: String,
    pub region: String,
    pub station: Option<u8>,
    pub service_update: String,
    pub build: String,
    pub since: When,
    pub state: Option<UpdateStateWord>,
    pub state_text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentsView {
    /// How the text was understood: `builds that begin with 10.0.2645`.
    pub understood: String,
    /// Column heads of the matrix: station numbers, then 0 for "no station".
    pub stations: Vec<u8>,
    pub matrix: Vec<MatrixRow>,
    pub rows: Vec<DeploymentRow>,
    /// All that match, from the maintained counters; `None` where the filter is finer than the counters.
    pub total: Option<u64>,
    pub next: Option<String>,
    /// Slug and name.
    pub regions: Vec<(String, String)>,
}
