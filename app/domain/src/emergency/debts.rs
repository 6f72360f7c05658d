//! What a use of the path owes: "gates should still be run as quickly as possible as an out-of-band exercise" (seed), and
//! a review. What is overdue is a finding, shown to release managers until it is done.

use super::request::{EmergencyPolicy, Gate};
use super::{EmergencyPath, EmergencyState};
use crate::people::Person;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateResult {
    pub pass: bool,
    pub by: Person,
    pub at: DateTime<Utc>,
    /// What was run and where its result is.
    pub note: String,
}

/// A shortened gate, to be completed beside the rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfBand {
    pub gate: Gate,
    pub due: DateTime<Utc>,
    /// In the order they came; the last one counts.
    pub results: Vec<GateResult>,
}

impl OutOfBand {
    pub fn passed(&self) -> bool {
        self.results.last().is_some_and(|result| result.pass)
    }
}

/// What was learnt, here or behind the link. Blameless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    pub by: Person,
    pub at: DateTime<Utc>,
    pub text: String,
    pub link: Option<String>,
}

impl Review {
    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.link.as_deref().is_none_or(|link| link.trim().is_empty())
    }
}

/// What a person has to do, or to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum EmergencyFinding {
    GateOverdue {
        gate: Gate,
        due: DateTime<Utc>,
    },
    /// It failed out of band: what went out early is not what was hoped for.
    GateFailed {
        gate: Gate,
        at: DateTime<Utc>,
    },
    ReviewOverdue {
        due: DateTime<Utc>,
    },
}

/// When it stopped being in force, if it has.
fn over_at(path: &EmergencyPath, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match &path.state {
        EmergencyState::Active { used } => (used.until <= now).then_some(used.until),
        EmergencyState::Expired { used } => Some(used.until),
        EmergencyState::Ended { ended, .. } => Some(ended.at),
        _ => None,
    }
}

/// When the mandatory review is due; `None` before the path is over and after the review.
pub fn review_due(policy: &EmergencyPolicy, path: &EmergencyPath, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    over_at(path, now).map(|at| at + TimeDelta::days(policy.review_days.into()))
}

/// What is overdue or has failed. A reviewed path is closed: its review had every result before it.
pub fn findings(policy: &EmergencyPolicy, path: &EmergencyPath, now: DateTime<Utc>) -> Vec<EmergencyFinding> {
    if matches!(path.state, EmergencyState::Reviewed { .. }) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for OutOfBand { gate, due, results } in path.state.used().iter().flat_map(|used| &used.debts) {
        match results.last() {
            Some(result) if result.pass => {}
            Some(result) => found.push(EmergencyFinding::GateFailed { gate: *gate, at: result.at }),
            None if *due <= now => found.push(EmergencyFinding::GateOverdue { gate: *gate, due: *due }),
            None => {}
        }
    }
    let review = review_due(policy, path, now).filter(|due| *due <= now);
    found.extend(review.map(|due| EmergencyFinding::ReviewOverdue { due }));
    found
}
