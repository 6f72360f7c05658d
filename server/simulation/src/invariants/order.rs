//! Whose turn it was. G2: early ones first where there is no room for all. G3: the gap between a customer's own sandboxes
//! and its production.

use super::rules::{Case, is_pulled};
use super::{Found, progress};
use crate::watch::{Change, Seen, Step};
use chrono::{DateTime, TimeDelta, Utc};
use domain::fleet::{Audience, Designation, EnvironmentKind};
use domain::rollout::UpdateState;
use store::update::Update;

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    for change in &step.changes {
        if has_started(change) {
            gap(seen, step, &change.after, found);
            early_first(seen, step, &change.after, found);
        }
    }
}

fn has_started(change: &Change) -> bool {
    change.after.state.is_running() && !change.before.as_ref().is_some_and(|before| before.state.is_running())
}

fn gap(seen: &Seen, step: &Step, update: &Update, found: &mut Vec<Found>) {
    let Some(case @ Case { environment, whole, .. }) = Case::of(seen, update) else { return };
    // What its owner takes ahead keeps no gap: the time is theirs.
    let keeps_gap = environment.kind == EnvironmentKind::Production && !is_pulled(update);
    let Some(night) = update.state.night().filter(|_| keeps_gap) else { return };
    let Some(at) = started_at(update) else { return };
    let gap = step.ways_before.pace(whole.rollout.id, &whole.rollout.policy, at).gap;
    for sandbox in seen.updates.values() {
        let own = sandbox.rollout == update.rollout && sandbox.customer == update.customer;
        let in_front = sandbox.stage.is_some_and(|stage| stage.audience == Audience::Sandbox);
        let is_sandbox = || seen.fleet.get(&sandbox.environment).is_some_and(|e| e.kind == EnvironmentKind::Sandbox);
        if !(own && in_front && is_sandbox()) {
            continue;
        }
        // A night that failed is no delivery; one that its owner chose is.
        let before = match sandbox.state {
            UpdateState::AlreadySatisfied { .. } => case.night_of(sandbox),
            _ => sandbox.state.night().map(|night| night.start),
        };
        let declared = TimeDelta::minutes(whole.rollout.policy.declared_minutes.into());
        let is_late = || match &sandbox.state {
            UpdateState::Announced { night, .. } => night.is_over_for(at, declared),
            _ => false,
        };
        if before.is_some_and(|before| before + gap > night.start || is_late()) {
            let what = format!(
                "{} of {} starts on {}, its sandbox {} has {before:?}",
                environment.name, environment.customer, night.date, sandbox.environment
            );
            found.push(Found::new("G3", what));
        }
    }
}

/// An early one of the same stage that nothing but room keeps waiting was passed over: in the place of what started it
/// would have had room.
fn early_first(seen: &Seen, step: &Step, started: &Update, found: &mut Vec<Found>) {
    let (Some(case), Some(at)) = (Case::of(seen, started), started_at(started)) else { return };
    if case.environment.designation == Designation::Early || !case.is_production() {
        return;
    }
    // What ran at any time of the step may have run when it was decided.
    let ran = |update: &Update| {
        let before = step.changes.iter().find(|change| change.after.id == update.id);
        let before = before.and_then(|change| change.before.as_ref());
        update.state.is_running() || before.is_some_and(|before| before.state.is_running())
    };
    let running: Vec<&Update> = seen.updates.values().filter(|update| update.id != started.id && ran(update)).collect();
    for early in case.updates().filter(|other| other.stage == started.stage) {
        let Some(other) = Case::of(seen, early) else { continue };
        let first = other.is_production() && other.environment.designation == Designation::Early;
        let changed = step.changes.iter().any(|change| change.after.id == early.id);
        let ready = || progress::is_ready(other, early, at) && progress::has_room(seen, case.whole, early, &running);
        if first && !changed && ready() {
            let what = format!("{} started, and {} that opted in early waits for room", case.name(), other.name());
            found.push(Found::new("G2", what));
        }
    }
}

const fn started_at(update: &Update) -> Option<DateTime<Utc>> {
    match &update.state {
        UpdateState::InProgress { started_at, .. } => Some(*started_at),
        _ => None,
    }
}
