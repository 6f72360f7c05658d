//! What a simulation says at its end.

use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    pub invariant: &'static str,
    pub what: String,
    pub seed: u64,
    pub step: u64,
    /// True time.
    pub at: DateTime<Utc>,
    /// The last steps before it.
    pub history: Vec<String>,
    /// The command that runs it again.
    pub replay: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub seed: u64,
    pub days: u32,
    pub steps: u64,
    /// Faults that really happened.
    pub faults: u64,
    pub violations: Vec<Violation>,
    /// How much was done: a simulation in which nothing happens proves nothing.
    pub started: u64,
    pub succeeded: u64,
    pub halts: u64,
    /// What is seldom, and how often it was acted out.
    pub acted: BTreeMap<&'static str, u64>,
    /// Over the whole history: two runs of one seed have the same.
    pub digest: String,
}
