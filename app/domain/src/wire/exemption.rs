//! Exemptions: the list and one of them for staff, and how one stands on the page of its environment.

use super::signal::Aspect;
use crate::ids::{EnvironmentId, ExemptionId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExemptionsParams {
    /// Keyset cursor of what was decided.
    pub after: Option<ExemptionId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionRow {
    pub id: ExemptionId,
    pub environment: String,
    pub customer: String,
    /// `Requested`, `Granted`, …
    pub state: String,
    pub aspect: Aspect,
    pub reason: String,
    pub until: String,
    /// By whom and when.
    pub asked: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionsView {
    /// Oldest first.
    pub waiting: Vec<ExemptionRow>,
    /// More wait than are shown.
    pub waiting_more: bool,
    /// Newest first.
    pub decided: Vec<ExemptionRow>,
    pub next: Option<ExemptionId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionView {
    pub id: ExemptionId,
    pub environment: (EnvironmentId, String),
    pub customer: String,
    pub state: String,
    pub aspect: Aspect,
    /// Label and value: reason, evidence, end, who asked and who decided.
    pub facts: Vec<(String, String)>,
    /// Of what stands here; a grant names it.
    pub digest: String,
    pub may_grant: bool,
    pub may_refuse: bool,
    pub may_withdraw: bool,
}

/// On the page of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionPanel {
    /// How it stands, as a sentence.
    pub says: String,
    /// The word and the facts of the newest request, or of what was there at registration.
    pub newest: Option<(String, Vec<(String, String)>)>,
    pub may_ask: bool,
    pub longest_days: u16,
}
