//! Whose turn it was. G2: early ones first where there is no room for all. G3: the gap between a customer's own sandboxes
//! and its production. G5: who follows production goes in its stage, and who is ahead of it goes with the sandboxes.

use super::Found;
use crate::watch::{Change, Seen, Step};
use chrono::TimeDelta;
use domain::fleet::{Audience, Designation, EnvironmentKind};
use domain::rollout::{EnvironmentReason, UpdateState};
use store::update::Update;

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    for change in &step.changes {
        if change.before.is_none() {
            enrolled(seen, &change.after, found);
        }
        if has_started(change) {
            gap(seen, &change.after, found);
            early_first(seen, step, &change.after, found);
        }
    }
}

fn has_started(change: &Change) -> bool {
    change.after.state.is_running() && !change.before.as_ref().is_some_and(|before| before.state.is_running())
}

fn enrolled(seen: &Seen, update: &Update, found: &mut Vec<Found>) {
    let (Some(stage), Some(environment)) = (update.stage, seen.fleet.get(&update.environment)) else { return };
    let Designation::WithProduction { production } = environment.designation else { return };
    let Some(production) = seen.fleet.get(&production) else { return };
    let ahead = environment.service_update > production.service_update;
    let expected = if ahead { Audience::Sandbox } else { Audience::Production };
    if stage.audience != expected {
        let what = format!("{} of {} was enrolled in {stage}", environment.name, environment.customer);
        found.push(Found::new("G5", what));
    }
    if ahead && update.follows.is_some() {
        found.push(Found::new("G5", format!("{} follows a production that it is ahead of", environment.name)));
    }
}

fn gap(seen: &Seen, update: &Update, found: &mut Vec<Found>) {
    let (Some(environment), Some(whole)) = (seen.fleet.get(&update.environment), seen.rollout_of(update)) else {
        return;
    };
    let Some(night) = update.state.night().filter(|_| environment.kind == EnvironmentKind::Production) else { return };
    let gap = TimeDelta::days(whole.rollout.policy.min_gap_days.into());
    for sandbox in seen.updates.values() {
        let own = sandbox.rollout == update.rollout && sandbox.customer == update.customer;
        let in_front = sandbox.stage.is_some_and(|stage| stage.audience == Audience::Sandbox);
        let is_sandbox = || seen.fleet.get(&sandbox.environment).is_some_and(|e| e.kind == EnvironmentKind::Sandbox);
        if let Some(before) = sandbox.state.night()
            && own
            && in_front
            && is_sandbox()
            && before.start + gap > night.start
        {
            let what = format!(
                "{} of {} starts on {}, its sandbox {} has {}",
                environment.name, environment.customer, night.date, sandbox.environment, before.date
            );
            found.push(Found::new("G3", what));
        }
    }
}

/// An early one of the same stage and region that waits only for room was passed over.
fn early_first(seen: &Seen, step: &Step, started: &Update, found: &mut Vec<Found>) {
    let Some(environment) = seen.fleet.get(&started.environment) else { return };
    if environment.designation == Designation::Early || environment.kind != EnvironmentKind::Production {
        return;
    }
    for early in seen.updates.values() {
        let same = early.rollout == started.rollout && early.stage == started.stage && early.id != started.id;
        let Some(other) = seen.fleet.get(&early.environment).filter(|_| same) else { continue };
        let waits = matches!(&early.state, UpdateState::Announced { night, .. } if night.start <= step.at)
            && early.reasons.iter().any(|reason| matches!(reason, EnvironmentReason::Cap { .. }));
        let alike = other.region == environment.region && other.customer == environment.customer;
        if waits && alike && other.designation == Designation::Early && other.kind == EnvironmentKind::Production {
            let what = format!("{} started, and {} that opted in early waits for room", environment.name, other.name);
            found.push(Found::new("G2", what));
        }
    }
}
