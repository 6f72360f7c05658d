//! Incidents reported against builds, and the form that reports one.

use super::signal::When;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IncidentsParams {
    /// Those before this one, which [`IncidentsView::next`] named.
    pub after: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentRow {
    /// As whoever reported it calls it.
    pub name: String,
    /// The listening system, or the person.
    pub by: String,
    pub opened: When,
    /// `10.0.2480.147`
    pub build: String,
    /// The worst that was said of it.
    pub severity: String,
    /// People suffer from it.
    pub by_people: bool,
    pub finding: String,
    /// What it led to.
    pub outcome: String,
}

/// What the form offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentChoices {
    /// Version and label, the newest first: whether it is halted, or what a halt stops.
    pub builds: Vec<(String, String)>,
    /// Key and word, the mildest first.
    pub severities: Vec<(String, String)>,
    /// From which severity on it halts a build where no customer suffers from it.
    pub halts_from: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentsView {
    /// What was heard of last comes first, whether or not it halted anything.
    pub rows: Vec<IncidentRow>,
    pub next: Option<String>,
    /// `None` for whom may report nothing, and on later pages.
    pub choices: Option<IncidentChoices>,
}
