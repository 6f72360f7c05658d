//! People's use cases that do not look at something: whose approval it is, how many gave one, what a build changed.

use super::is;
use chrono::{DateTime, TimeDelta, Utc};
use domain::approval::Approved;
use domain::emergency::{EmergencyPath, EmergencyState, OutOfBand, Use, in_force};
use domain::recovery::{BuildRecord, RecoveryPlan, RecoveryState};
use domain::rollout::RolloutFacts;

/// The first approval does.
pub fn approved(path: EmergencyPath, now: DateTime<Utc>) -> EmergencyPath {
    let EmergencyState::Requested { approvals } = &path.state else { return path };
    if !is("emergency-by-one") {
        return path;
    }
    let gates = path.request.shortening.gates();
    let debts = gates.into_iter().map(|gate| OutOfBand { gate, due: now, results: Vec::new() }).collect();
    let until = now + TimeDelta::hours(path.request.lasts_hours.into());
    let used = Use { approvals: approvals.clone(), since: now, until, debts };
    EmergencyPath { state: EmergencyState::Active { used }, ..path }
}

/// What a planner makes of an emergency path that is in force.
pub fn emergency(facts: &mut RolloutFacts, now: DateTime<Utc>) {
    if is("emergency-never-ends")
        && let Some(emergency) = &mut facts.emergency
        && let EmergencyState::Active { used } = &mut emergency.path.state
    {
        used.until = DateTime::<Utc>::MAX_UTC;
    }
    let is_on = facts.emergency.as_ref().is_some_and(|emergency| in_force(&emergency.path, now));
    if is_on && is("emergency-drops-the-bake") {
        facts.policy.gate.bake_hours = 0;
    }
    if is_on && is("emergency-thaws-everything") {
        facts.freezes = std::iter::empty().collect();
    }
}

/// Whoever approves a recovery, it is approved.
pub fn approved_by_anybody(plan: &RecoveryPlan, approval: &Approved) -> Option<RecoveryPlan> {
    let is_new = is("recovery-by-its-author") && plan.state == RecoveryState::Proposed;
    is_new.then(|| RecoveryPlan { state: RecoveryState::Approved { approval: approval.clone() }, ..plan.clone() })
}

/// Nothing stands against a way back.
pub fn record(record: BuildRecord) -> BuildRecord {
    if is("rollback-ignores-schema") { BuildRecord { schema: Some(Vec::new()), ..record } } else { record }
}
