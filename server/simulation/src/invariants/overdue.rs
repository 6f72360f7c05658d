//! I15 beyond starts: what the passing of time alone has to bring, where nothing goes wrong. A stage in which everything
//! is done and baked passes, harm halts, silence ends, a failure is followed by something, a train that is done is over.

use super::rules::Case;
use super::{harm, rules};
use crate::watch::Seen;
use chrono::{DateTime, Days, TimeDelta, Utc};
use domain::rollout::{StageFacts, StageState, UpdateState};
use store::census::WholeRollout;
use store::update::Update;

/// An update of which nothing good is heard for six hours has failed.
const SILENCE_MAX: TimeDelta = TimeDelta::hours(6);

/// Of one rollout that runs.
pub fn stuck(seen: &Seen, whole: &WholeRollout, now: DateTime<Utc>) -> Vec<String> {
    // A train has another rollout where a way forward was taken.
    let train = format!("{} ({})", whole.rollout.train, whole.rollout.id);
    let own: Vec<&Update> = seen.updates.values().filter(|update| update.rollout == whole.rollout.id).collect();
    let mut stuck: Vec<String> = harm::known(seen, whole).into_iter().collect();
    let halted = !seen.halts.is_empty() || seen.freezes.of_everybody(now.date_naive()).is_some();
    let passes = whole.stages.iter().filter(|stage| !halted && may_pass(seen, whole, stage, &own, now));
    stuck.extend(passes.map(|stage| format!("{} of {train} may pass", stage.key)));
    for update in &own {
        match &update.state {
            UpdateState::InProgress { started_at, .. } | UpdateState::Verifying { started_at, .. }
                if now > *started_at + SILENCE_MAX =>
            {
                stuck.push(format!("update {} of {train} runs since {started_at}", update.id));
            }
            UpdateState::Failed { failed_at, .. } if !halted => {
                stuck.push(format!("update {} of {train} failed at {failed_at}, and nothing follows", update.id));
            }
            _ => {}
        }
    }
    if !halted && is_done(whole, &own, now) {
        stuck.push(format!("{train} may be over"));
    }
    stuck
}

/// Everybody in it is through, nothing failed or was taken back, and the last success is baked. Where the gate looks at
/// telemetry nobody can say so by the clock: what was heard decides (`watched`).
fn may_pass(seen: &Seen, whole: &WholeRollout, stage: &StageFacts, own: &[&Update], now: DateTime<Utc>) -> bool {
    if !matches!(stage.state, StageState::Open { .. }) || whole.rollout.policy.gate.telemetry.is_some() {
        return false;
    }
    let bake = TimeDelta::hours(whole.rollout.policy.gate.bake_hours.into());
    let resumed_at = rules::resumed_at(whole);
    let nothing_failed = own.iter().all(|update| !rules::is_failed(update, resumed_at));
    let mut members = own.iter().filter(|update| update.stage == Some(stage.key));
    nothing_failed
        && members.all(|update| match &update.state {
            UpdateState::Succeeded { finished_at, .. } => {
                let has_it = Case::of(seen, update).is_some_and(|case| case.runs_it(update.environment));
                has_it && *finished_at + bake <= now
            }
            UpdateState::Held { .. } => update.last_failed_at.is_none(),
            UpdateState::AlreadySatisfied { .. } | UpdateState::Skipped { .. } => true,
            _ => false,
        })
}

/// The last window is days behind, and nobody waits or runs. What is baking is waited for.
fn is_done(whole: &WholeRollout, own: &[&Update], now: DateTime<Utc>) -> bool {
    let last = whole.stages.iter().map(|stage| stage.window.last).max();
    // A stage that bakes keeps its train from being over, and covered time is not known here.
    let bakes = |stage: &StageFacts| matches!(stage.state, StageState::Open { .. });
    if whole.rollout.policy.gate.telemetry.is_some() && whole.stages.iter().any(bakes) {
        return false;
    }
    let settled = own.iter().all(|update| {
        matches!(
            update.state,
            UpdateState::Succeeded { .. }
                | UpdateState::AlreadySatisfied { .. }
                | UpdateState::Skipped { .. }
                | UpdateState::Held { .. }
        )
    });
    let baked = TimeDelta::hours(whole.rollout.policy.gate.bake_hours.into());
    // What delivered and lacks something else than time is watched as long as it would have baked, from its last night on.
    let delivered = |stage: &StageFacts| {
        own.iter()
            .any(|update| update.stage == Some(stage.key) && matches!(update.state, UpdateState::Succeeded { .. }))
    };
    let last_night = own.iter().filter_map(|update| update.state.night_or_tried()).map(|night| night.start).max();
    let watched = whole.stages.iter().any(|stage| bakes(stage) && delivered(stage));
    if watched && last_night.is_some_and(|night| now < night + TimeDelta::days(1) + baked) {
        return false;
    }
    let rests = own.iter().all(|update| match &update.state {
        UpdateState::Succeeded { finished_at, .. } => *finished_at + baked < now,
        _ => true,
    });
    settled && rests && !own.is_empty() && last.is_some_and(|last| now.date_naive() > last + Days::new(2))
}
