//! The approvals of a rollout's stations: given, or who may give them. Says the same as `approve_promotion` does.

use crate::line::{Stop, Track};
use crate::zone::ZoneClockface;
use domain::fleet::StationNumber;
use domain::permission::{Actor, Permission};
use domain::rollout::planner::needs_approval;
use domain::rollout::{Approval, RolloutState};
use domain::wire::problem::FormProblem;
use domain::wire::rollout::ApprovalRow;

pub(super) fn rows(
    track: Track<'_>,
    given: &[(StationNumber, Approval)],
    actor: &Actor,
    clock: ZoneClockface,
) -> Vec<ApprovalRow> {
    let asked = track.stops().into_iter().filter(|stop| needs_approval(stop.number));
    asked.map(|stop| row(&stop, track.state, given, actor, clock)).collect()
}

fn row(
    stop: &Stop<'_>,
    state: &RolloutState,
    given: &[(StationNumber, Approval)],
    actor: &Actor,
    clock: ZoneClockface,
) -> ApprovalRow {
    let approval = given.iter().find(|(station, _)| *station == stop.number).map(|(_, approval)| approval);
    let problem = refusal(state, actor);
    ApprovalRow {
        station: stop.number.0,
        given: approval.map(|approval| (approval.name.clone(), clock.when(approval.at, None))),
        may: approval.is_none() && problem.is_none(),
        why_not: match (approval, problem) {
            (None, Some(problem)) => why_not(problem, state),
            _ => String::new(),
        },
        environments: stop.counts().total,
    }
}

/// Why this person may not approve a station that waits for it.
fn refusal(state: &RolloutState, actor: &Actor) -> Option<FormProblem> {
    if !actor.may(Permission::ApprovePromotion) {
        return Some(FormProblem::NotAllowed);
    }
    match state {
        RolloutState::Running { started_by, .. } if *started_by == actor.user => Some(FormProblem::ApproverIsStarter),
        RolloutState::Running { .. } => None,
        RolloutState::Draft | RolloutState::Halted { .. } | RolloutState::Completed { .. } => {
            Some(FormProblem::RolloutNotRunning)
        }
    }
}

fn why_not(problem: FormProblem, state: &RolloutState) -> String {
    match (problem, state) {
        (FormProblem::NotAllowed, _) => "Approvers and release managers approve".to_owned(),
        (FormProblem::ApproverIsStarter, _) => "You started this rollout; somebody else approves".to_owned(),
        (_, RolloutState::Draft) => "The rollout is not started".to_owned(),
        (_, RolloutState::Halted { .. }) => "The rollout is halted".to_owned(),
        (_, RolloutState::Completed { .. }) => "The rollout is completed".to_owned(),
        (problem, RolloutState::Running { .. }) => problem.message().to_owned(),
    }
}
