//! Freezes: planned, active, over and ended, and the form that sets one.

use super::problem::FormProblem;
use crate::ids::FreezeId;
use serde::{Deserialize, Serialize};

/// What the form says. The address of the page says the same, so that what a freeze would hold back can be looked at
/// before it is set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FreezeForm {
    /// `global`, `cloud`, `region`, `customer`, `environment`; empty while nothing is chosen.
    pub scope: String,
    pub cloud: String,
    pub region: String,
    /// The customer's domain; with `customer` and `environment`.
    pub customer: String,
    /// Its name.
    pub environment: String,
    /// ISO date of the first night.
    pub first: String,
    pub last: String,
    /// `yearly`, or empty for once.
    pub repeats: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeRow {
    pub id: FreezeId,
    /// `every environment`
    pub scope: String,
    /// `every year the nights of 20 Dec–3 Jan`
    pub nights: String,
    pub reason: String,
    /// Who set it and when.
    pub set: String,
    /// `Planned`, `Active`, `Over`, `Lifted`
    pub state: String,
    /// Who ended it, when and why.
    pub ended: Option<String>,
    pub may_end: bool,
}

/// The page: what the form says, and which freeze is to be ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FreezesParams {
    pub scope: String,
    pub cloud: String,
    pub region: String,
    pub customer: String,
    pub environment: String,
    pub first: String,
    pub last: String,
    pub repeats: String,
    /// The freeze whose form is open.
    pub end: String,
}

impl FreezesParams {
    pub fn form(&self) -> FreezeForm {
        FreezeForm {
            scope: self.scope.clone(),
            cloud: self.cloud.clone(),
            region: self.region.clone(),
            customer: self.customer.clone(),
            environment: self.environment.clone(),
            first: self.first.clone(),
            last: self.last.clone(),
            repeats: self.repeats.clone(),
        }
    }
}

/// One rollout that it touches: `10.0.48 PQU-7`, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeTouches {
    pub rollout: crate::ids::RolloutId,
    pub train: String,
    pub nights: u32,
    pub environments: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezePreviewView {
    /// `Freeze for every environment, the nights of 20 Dec 2026–3 Jan 2027`
    pub what: String,
    /// What falls into it, and what becomes of it.
    pub effect: String,
    pub environments: u32,
    pub touches: Vec<FreezeTouches>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezesView {
    /// Active first, then planned.
    pub current: Vec<FreezeRow>,
    /// Over or ended, the newest first.
    pub past: Vec<FreezeRow>,
    pub may_set: bool,
    /// Slug and name.
    pub regions: Vec<(String, String)>,
    /// Key and words.
    pub clouds: Vec<(String, String)>,
    pub form: FreezeForm,
    pub preview: Option<FreezePreviewView>,
    pub problem: Option<FormProblem>,
}
