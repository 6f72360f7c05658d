//! The approvals of a rollout's stations: given, voided, or who may give them. Says the same as `approve_promotion` does.

use crate::line::{Stop, Track};
use crate::rollout::approve::refusal;
use crate::zone::ZoneClockface;
use domain::approval::ApprovalError;
use domain::clockface::Clockface;
use domain::permission::{Actor, Permission};
use domain::rollout::planner::needs_approval;
use domain::rollout::{GivenApproval, Promotion, RolloutState};
use domain::wire::problem::FormProblem;
use domain::wire::rollout::ApprovalRow;

/// What was approved, and what stands there now.
#[derive(Clone, Copy)]
pub(super) struct Approvals<'a> {
    pub given: &'a [GivenApproval],
    pub promotion: &'a Promotion,
}

pub(super) fn rows(
    track: Track<'_>,
    approvals: Approvals<'_>,
    actor: &Actor,
    clock: ZoneClockface,
) -> Vec<ApprovalRow> {
    let asked = track.stops().into_iter().filter(|stop| needs_approval(stop.number));
    asked.map(|stop| row(&stop, track.state, approvals, actor, clock)).collect()
}

fn row(
    stop: &Stop<'_>,
    state: &RolloutState,
    approvals: Approvals<'_>,
    actor: &Actor,
    clock: ZoneClockface,
) -> ApprovalRow {
    let last = approvals.given.iter().find(|given| given.station == stop.number);
    let objection = last.and_then(|given| approvals.promotion.objection(given));
    let approval = last.filter(|_| objection.is_none()).map(|given| &given.approval);
    let problem = problem(state, approvals.promotion, actor);
    ApprovalRow {
        station: stop.number.0,
        given: approval.map(|approval| (approval.name.clone(), clock.when(approval.at, None))),
        void: last.zip(objection).map(|(given, objection)| void(given, objection, approvals.promotion, clock)),
        may: approval.is_none() && problem.is_none(),
        why_not: match (approval, problem) {
            (None, Some(problem)) => why_not(problem, state),
            _ => String::new(),
        },
        environments: stop.counts().total,
    }
}

/// `The approval by N. Okafor was voided by an edit on Tue 6 Oct 2026, 14:00 CEST by R. Iyer`
fn void(given: &GivenApproval, objection: ApprovalError, promotion: &Promotion, clock: ZoneClockface) -> String {
    let name = &given.approval.name;
    match (objection, &promotion.edited) {
        (ApprovalError::ChangedMeanwhile, Some(edit)) => {
            format!("The approval by {name} was voided by an edit on {} by {}", clock.instant(edit.at), edit.by.name)
        }
        (ApprovalError::ChangedMeanwhile, None) => {
            format!("The approval by {name} was voided: the build or its dates changed since")
        }
        (ApprovalError::IsAuthor, _) => format!("The approval by {name} counts no more: {name} edited the rollout"),
        (ApprovalError::NotAuthorised | ApprovalError::SamePerson, _) => {
            format!("The approval by {name} counts no more: {name} may not approve any more")
        }
    }
}

/// Why this person may not approve a station that waits for it.
fn problem(state: &RolloutState, promotion: &Promotion, actor: &Actor) -> Option<FormProblem> {
    if !actor.may(Permission::ApprovePromotion) {
        return Some(FormProblem::NotAllowed);
    }
    match state {
        RolloutState::Running { .. } => refusal(promotion, actor.user),
        RolloutState::Draft | RolloutState::Halted { .. } | RolloutState::Completed { .. } => {
            Some(FormProblem::RolloutNotRunning)
        }
    }
}

fn why_not(problem: FormProblem, state: &RolloutState) -> String {
    match (problem, state) {
        (FormProblem::NotAllowed, _) => "Approvers and release managers approve".to_owned(),
        (FormProblem::ApproverIsStarter, _) => "You started this rollout; somebody else approves".to_owned(),
        (FormProblem::ApproverIsEditor, _) => "You edited this rollout; somebody else approves".to_owned(),
        (_, RolloutState::Draft) => "The rollout is not started".to_owned(),
        (_, RolloutState::Halted { .. }) => "The rollout is halted".to_owned(),
        (_, RolloutState::Completed { .. }) => "The rollout is completed".to_owned(),
        (problem, RolloutState::Running { .. }) => problem.message().to_owned(),
    }
}
