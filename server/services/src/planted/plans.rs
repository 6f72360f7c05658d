//! A planner that decides wrongly. Facts that are tampered with would not do: these plans follow from no facts.

use super::active;
use chrono::{DateTime, TimeDelta, Utc};
use domain::calendar::Night;
use domain::ids::EnvironmentId;
use domain::rollout::{
    Action, EnvironmentReason, Explanation, HaltCause, MoveReason, Plan, RolloutFacts, RolloutState, UpdateState,
};

pub fn plan(mut plan: Plan, facts: &RolloutFacts, now: DateTime<Utc>) -> Plan {
    let Some(mistake) = active() else { return plan };
    match mistake {
        "wake-never-set" => {
            for estate in &mut plan.estates {
                estate.wake = estate.wake.filter(|wake| *wake <= now);
            }
        }
        "starts-before-the-night" => starts_early(&mut plan, facts, now),
        "starts-are-dropped" => plan.actions.retain(|action| !matches!(action, Action::Start { .. })),
        "announcements-are-dropped" => {
            plan.actions.retain(|action| !matches!(action, Action::Announce { .. } | Action::Assign { .. }));
        }
        "parts-never-assigned" => plan.actions.retain(|action| !matches!(action, Action::Assign { .. })),
        "never-tried-again" => plan.actions.retain(|action| !matches!(action, Action::Retry { .. })),
        "missed-night-not-moved" => plan.actions.retain(|action| !matches!(action, Action::Relocate { .. })),
        "never-completes" => plan.actions.retain(|action| !matches!(action, Action::Complete)),
        "never-reopened" => plan.actions.retain(|action| !matches!(action, Action::Reopen { .. })),
        "never-passes" => plan.actions.retain(|action| !matches!(action, Action::PassStage { .. })),
        "harm-not-halted" => plan.actions.retain(|action| !matches!(action, Action::Halt { .. })),
        "completes-early" => completes_early(&mut plan, facts),
        "halts-for-nothing" => halts_for_nothing(&mut plan, facts),
        _ => plan.actions.iter_mut().for_each(|action| change(mistake, action, facts)),
    }
    plan
}

fn state_of(facts: &RolloutFacts, environment: EnvironmentId) -> Option<&UpdateState> {
    let known = facts.environments.iter().find(|known| known.id == environment)?;
    known.update.as_ref().map(|update| &update.state)
}

fn starts_early(plan: &mut Plan, facts: &RolloutFacts, now: DateTime<Utc>) {
    if !matches!(facts.state, RolloutState::Running { .. }) {
        return;
    }
    for environment in &facts.environments {
        let Some(update) = &environment.update else { continue };
        let UpdateState::Announced { night, .. } = update.state else { continue };
        let soon = now < night.start && night.start < now + TimeDelta::hours(6);
        let untouched = plan.actions.iter().all(|action| action.changes() != Some(environment.id));
        if soon && untouched {
            let (update, environment) = (update.id, environment.id);
            plan.actions.push(Action::Start { update, environment, why: Explanation::default() });
        }
    }
}

fn completes_early(plan: &mut Plan, facts: &RolloutFacts) {
    let runs = matches!(facts.state, RolloutState::Running { .. });
    if runs && plan.actions.is_empty() && facts.stages.iter().any(|stage| stage.state.admits()) {
        plan.actions.push(Action::Complete);
    }
}

fn halts_for_nothing(plan: &mut Plan, facts: &RolloutFacts) {
    let open = plan.report.stages.iter().find(|stage| stage.state.admits());
    if let (RolloutState::Running { .. }, Some(stage)) = (&facts.state, open) {
        let cause = HaltCause::Gate { stage: stage.stage, gate: stage.gate.clone() };
        plan.actions = vec![Action::Halt { cause }];
    }
}

fn later(night: Night, days: i64) -> Night {
    let by = TimeDelta::days(days);
    Night { date: night.date + by, start: night.start + by, end: night.end + by }
}

fn change(mistake: &str, action: &mut Action, facts: &RolloutFacts) {
    let wrong = || EnvironmentReason::OtherServiceUpdate { on: facts.train.service_update };
    match (mistake, &mut *action) {
        ("satisfied-counted-as-skipped", Action::Enrol { state, .. })
            if matches!(state, UpdateState::AlreadySatisfied { .. }) =>
        {
            *state = UpdateState::Skipped { reason: wrong(), cancelled: None };
        }
        ("satisfied-counted-as-skipped", Action::Satisfy { update, environment, .. }) => {
            *action = Action::Skip { update: *update, environment: *environment, reason: wrong() };
        }
        ("announces-the-next-day", Action::Announce { night, .. }) => *night = later(*night, 1),
        ("announces-a-week-early", Action::Announce { night, .. }) => *night = later(*night, -3),
        ("enrols-in-another-station", Action::Enrol { stage, .. }) => {
            *stage = stage.map(|_| facts.stages[facts.stages.len() - 1].key);
        }
        ("pull-not-restored", Action::EndPull { before, .. }) => *before = UpdateState::Planned,
        ("retries-the-same-night", Action::Retry { to, environment, .. }) => {
            if let Some(night) = state_of(facts, *environment).and_then(UpdateState::night) {
                *to = night;
            }
        }
        ("moves-for-nothing", Action::Start { update, environment, .. }) => {
            if let Some(from) = state_of(facts, *environment).and_then(UpdateState::night) {
                let (update, environment) = (*update, *environment);
                let (to, reason, why) = (later(from, 7), MoveReason::NightMissed, Explanation::default());
                *action = Action::Relocate { update, environment, from, to, reason, why };
            }
        }
        _ => {}
    }
}
