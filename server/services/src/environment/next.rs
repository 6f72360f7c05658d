//! What comes next for an environment; and where nothing is under way for it, why.

use crate::words::{Teller, moved_sentence, shown};
use domain::notification::words::impact;
use domain::rollout::{EnvironmentReason, RolloutState, UpdateState};
use domain::wire::WhyView;
use domain::wire::environment::NextUpdateView;
use domain::wire::signal::Aspect;
use store::environment::Environment;
use store::rollout::Rollout;
use store::update::WithRollout;

pub(super) const fn is_under_way(state: &RolloutState) -> bool {
    matches!(state, RolloutState::Running { .. } | RolloutState::Halted { .. })
}

/// `None` where nothing more is to come: it is done, or left out without a window.
pub(super) fn next(
    with: &WithRollout,
    environment: &Environment,
    zone: Option<&str>,
    teller: &Teller<'_>,
) -> Option<NextUpdateView> {
    let clock = teller.clock;
    let state = &with.update.state;
    let (when, announced, moved) = match state {
        UpdateState::Announced { night, announced_at, moved } => {
            let moved = moved.as_ref().map(|moved| moved_sentence(clock, moved.from, &moved.reason));
            (clock.when_night(*night, zone), Some(clock.when(*announced_at, zone)), moved)
        }
        UpdateState::InProgress { night, .. } | UpdateState::Verifying { night, .. } => {
            (clock.when_night(*night, zone), None, None)
        }
        UpdateState::Held { reason: EnvironmentReason::AttemptsUsed { .. }, .. }
        | UpdateState::Succeeded { .. }
        | UpdateState::Failed { .. }
        | UpdateState::AlreadySatisfied { .. }
        | UpdateState::Skipped { .. } => return None,
        UpdateState::Planned | UpdateState::Held { .. } => {
            let ahead_days = with.rollout.policy.ahead_days();
            (clock.when_planned(with.window?, with.update.next, ahead_days), None, None)
        }
    };
    Some(NextUpdateView {
        rollout: with.rollout.id,
        train: with.rollout.train.to_string(),
        build: with.rollout.build.to_string(),
        state: shown(state, teller.halted.holds(&with.update)),
        when,
        night_chosen: state.night().is_some(),
        announced,
        moved,
        impact: impact(environment.kind).to_owned(),
    })
}

/// What is said where [`next`] has no date to show although the train is not done with the environment.
pub(super) fn unsettled(with: &WithRollout, teller: &Teller<'_>) -> Option<String> {
    let train = with.rollout.train;
    let halted = teller.halted.holds(&with.update);
    match &with.update.state {
        UpdateState::Failed { .. } if with.update.attempts >= with.rollout.policy.attempts_max => None,
        UpdateState::Failed { .. } if halted => {
            Some(format!("An attempt of {train} failed. It is halted now; what follows is settled when it goes on."))
        }
        UpdateState::Failed { .. } => Some(format!(
            "An attempt of {train} failed and another one is left. Its night is said here and in a notification."
        )),
        UpdateState::Planned => Some(format!("{train} takes it; its dates are not known yet.")),
        UpdateState::Held { reason, .. } if !matches!(reason, EnvironmentReason::AttemptsUsed { .. }) => {
            Some(format!("{train} holds it until the reason below is settled."))
        }
        UpdateState::Held { .. }
        | UpdateState::Announced { .. }
        | UpdateState::InProgress { .. }
        | UpdateState::Verifying { .. }
        | UpdateState::Succeeded { .. }
        | UpdateState::AlreadySatisfied { .. }
        | UpdateState::Skipped { .. } => None,
    }
}

/// Why no update is under way for this environment. `active` are the rollouts that run or are halted.
pub(super) fn why_nothing(environment: &Environment, newest: Option<&WithRollout>, active: &[Rollout]) -> Vec<WhyView> {
    let own = environment.service_update;
    let mut why = Vec::new();
    let aboard = active.iter().find(|rollout| rollout.train.service_update == own);
    if let Some(rollout) = aboard {
        let text = format!("{} is under way and has not taken it up yet", rollout.train);
        why.push(WhyView::plain(Aspect::Unlit, text));
        return why;
    }
    why.push(WhyView::plain(Aspect::Unlit, format!("No train of {own} is under way")));
    why.extend(active.iter().map(|rollout| {
        let text = format!(
            "{} is under way, but updates environments on {}; this one is on {own}",
            rollout.train, rollout.train.service_update
        );
        WhyView::plain(Aspect::Unlit, text)
    }));
    if let Some(with) = newest {
        let train = with.rollout.train;
        let text = if environment.build == with.rollout.build {
            format!("It runs {}, the build of {train}, the last train it met", environment.build)
        } else {
            format!("It runs {}; the last train it met, {train}, carried {}", environment.build, with.rollout.build)
        };
        let is_current = environment.build >= with.rollout.build;
        why.push(WhyView::plain(if is_current { Aspect::Clear } else { Aspect::Caution }, text));
    }
    why
}
