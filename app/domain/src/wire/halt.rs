//! Halts: those in force, those that were, and the form that places one.

use super::problem::FormProblem;
use super::signal::When;
use crate::ids::{BuildId, RolloutId};
use serde::{Deserialize, Serialize};

/// What the form names. The address of the page says the same, so that what would be halted can be looked at, and sent to
/// somebody, before it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HaltTarget {
    /// `everything`, `build`, `station`, `customer`; empty while nothing is chosen.
    pub what: String,
    pub build: String,
    /// With `station`; with `customer` perhaps: without it the customer is halted in every rollout.
    pub rollout: String,
    pub station: String,
    /// The customer's domain.
    pub customer: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HaltsParams {
    pub what: String,
    pub build: String,
    pub rollout: String,
    pub station: String,
    pub customer: String,
    /// The halt in force whose form is open.
    pub lift: String,
    /// Of the lifted ones.
    pub after: String,
}

impl HaltsParams {
    pub fn target(&self) -> HaltTarget {
        HaltTarget {
            what: self.what.clone(),
            build: self.build.clone(),
            rollout: self.rollout.clone(),
            station: self.station.clone(),
            customer: self.customer.clone(),
        }
    }
}

/// A halt in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HaltRow {
    /// What a lift names: a halt, a build or a rollout.
    pub id: String,
    /// `Station 4 of 10.0.48 PQU-7`
    pub what: String,
    pub since: When,
    /// By whom, and why.
    pub why: String,
    /// What waits, runs and is done.
    pub effect: String,
    /// Environments that a lift lets start.
    pub waiting: u32,
    pub rollouts: Vec<(RolloutId, String)>,
    pub may_lift: bool,
    /// What lifting it does.
    pub on_lift: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiftedRow {
    pub what: String,
    pub since: When,
    pub why: String,
    pub until: When,
    /// By whom it was lifted, and why.
    pub lift: String,
}

/// What would be halted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HaltPreview {
    /// `Station 4 of 10.0.48 PQU-7`
    pub what: String,
    /// What happens, in the words of the rule.
    pub effect: String,
    /// Environments that it would keep from starting, and that run now.
    pub environments: u32,
    pub rollouts: u32,
}

/// What the form offers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HaltChoices {
    /// One of `everything`, `build`, `station`, `customer`.
    pub whats: Vec<(String, String)>,
    pub builds: Vec<(BuildId, String)>,
    /// Not completed.
    pub rollouts: Vec<(RolloutId, String)>,
    pub stations: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HaltsView {
    pub in_force: Vec<HaltRow>,
    pub lifted: Vec<LiftedRow>,
    pub next: Option<String>,
    /// Empty where this person may halt nothing.
    pub choices: HaltChoices,
    /// As it was asked for.
    pub target: HaltTarget,
    /// Of the target, where it is one.
    pub preview: Option<HaltPreview>,
    /// What is wrong with the target, where it is none.
    pub problem: Option<FormProblem>,
}
