//! Enrol, announce, start, try again: one environment after the other. G2, G4, R2. Nights that move are in `moves`.

use super::board::Board;
use super::caps::Running;
use super::missed::missed_because;
use super::moves::{relocate, relocation};
use super::seat::Seat;
use super::stages::Review;
use super::standing::{Standing, has_the_build, still_runs};
use crate::calendar::Night;
use crate::fleet::StageKey;
use crate::pull_ahead::Booked;
use crate::rollout::facts::UpdateFacts;
use crate::rollout::plan::{Action, Explanation};
use crate::rollout::report::{EnvironmentReason, MoveReason};
use crate::rollout::state::UpdateState;
use chrono::{DateTime, Utc};

/// Actions for every environment, early opt-in first, then by night, then by the rollout's own order, so that caps are
/// spent in that order (rule G2).
pub fn take(board: &Board<'_>, review: &Review) -> Vec<Action> {
    let mut order: Vec<usize> = (0..board.seats.len()).collect();
    order.sort_by_key(|i| {
        let seat = &board.seats[*i];
        (!seat.early(), seat.turn.night.map(|night| night.start), seat.place, seat.facts.id)
    });
    let mut running = Running::count(board);
    order.into_iter().flat_map(|i| [act(board, review, &mut running, i), assign(board, i)]).flatten().collect()
}

fn act<'a>(board: &Board<'a>, review: &Review, running: &mut Running<'a>, i: usize) -> Option<Action> {
    let seat = &board.seats[i];
    let Some(update) = &seat.facts.update else { return Some(enrol(board, i)) };
    let settle = settle(board, seat, update);
    if settle.is_some() {
        return settle;
    }
    let halted = seat.stage.and_then(|stage| board.facts.halt_of(stage.station, seat.facts.customer));
    match &update.state {
        // Nothing is announced, moved or started (rules H1, H2).
        UpdateState::Planned | UpdateState::Announced { .. } if halted.is_some() => {
            let why = halted.map(|halt| EnvironmentReason::Halted { why: halt.sentence() });
            explain(update, explanation(seat, why, None))
        }
        // No night is promised for a build that may not come.
        UpdateState::Planned if board.facts.unapproved.is_some() => {
            explain(update, explanation(seat, build_not_approved(board), None))
        }
        UpdateState::Planned => announce(board, seat, update),
        UpdateState::Announced { night, .. } => {
            let night = *night;
            if let Some(booked) = seat.pulled() {
                return pulled(board, review, running, i, (update, booked, night));
            }
            if let Some((to, reason)) = relocation(board, review, i, update, night) {
                return Some(relocate(seat, update, night, (to, reason)));
            }
            start(board, review, running, i, (update, night))
        }
        UpdateState::Failed { .. } if halted.is_none() && board.facts.unapproved.is_some() => {
            let failed = update.attempts_used().into_iter().collect();
            explain(update, Explanation { reasons: with(failed, build_not_approved(board)), next: None })
        }
        UpdateState::Failed { night, .. } if halted.is_none() => retry(board, i, update, *night),
        _ => explain_state(seat, update),
    }
}

/// The reasons that follow from the state alone.
fn explain_state(seat: &Seat<'_>, update: &UpdateFacts) -> Option<Action> {
    let why = match &update.state {
        UpdateState::InProgress { started_at, .. } | UpdateState::Verifying { started_at, .. } => {
            explanation(seat, Some(EnvironmentReason::RunningNow { since: *started_at }), None)
        }
        UpdateState::AlreadySatisfied { .. } => only(&EnvironmentReason::Satisfied { build: seat.facts.build }),
        UpdateState::Skipped { reason, .. } | UpdateState::Held { reason, .. } => left_out(seat, reason),
        UpdateState::Failed { .. } => update.attempts_used().as_ref().map(only).unwrap_or_default(),
        UpdateState::Succeeded { .. } | UpdateState::Planned | UpdateState::Announced { .. } => Explanation::default(),
    };
    explain(update, why)
}

fn enrol(board: &Board<'_>, i: usize) -> Action {
    let seat = &board.seats[i];
    let (state, why) = match &seat.standing {
        Standing::Aboard(stage) => {
            let why = explanation(seat, not_chosen(board, *stage), seat.turn.night.map(|n| n.start));
            (UpdateState::Planned, why)
        }
        Standing::Satisfied => {
            let reason = EnvironmentReason::Satisfied { build: seat.facts.build };
            (UpdateState::AlreadySatisfied { since: board.now, cancelled: None, pulled_at: None }, only(&reason))
        }
        Standing::Skipped(reason, _) => {
            (UpdateState::Skipped { reason: reason.clone(), cancelled: None }, left_out(seat, reason))
        }
        Standing::Held(reason) => {
            (UpdateState::Held { reason: reason.clone(), cancelled: None }, left_out(seat, reason))
        }
    };
    Action::Enrol {
        environment: seat.facts.id,
        stage: seat.stage,
        follows: board.followed(seat),
        state,
        why,
        part: board.part(i),
        early: seat.early(),
        place: seat.place,
    }
}

fn assign(board: &Board<'_>, i: usize) -> Option<Action> {
    let seat = &board.seats[i];
    let (part, early) = (board.part(i), seat.early());
    let update = seat.facts.update.as_ref().filter(|update| (update.part, update.early) != (part, early))?;
    Some(Action::Assign { update: update.id, environment: seat.facts.id, part, early })
}

/// Carries a changed standing into the state of what has not started yet.
fn settle(board: &Board<'_>, seat: &Seat<'_>, update: &UpdateFacts) -> Option<Action> {
    let (id, environment) = (update.id, seat.facts.id);
    match (&update.state, &seat.standing) {
        // It moved on with its service update, which has the fixes too.
        (UpdateState::AlreadySatisfied { .. }, _) if still_runs(board.facts, seat.facts) => None,
        (
            UpdateState::Held { .. } | UpdateState::Skipped { .. } | UpdateState::AlreadySatisfied { .. },
            Standing::Aboard(stage),
        ) => Some(Action::Reopen { update: id, environment, stage: *stage, follows: board.followed(seat) }),
        (UpdateState::Skipped { reason: old, .. }, Standing::Skipped(new, _))
        | (UpdateState::Held { reason: old, .. }, Standing::Held(new))
            if old == new =>
        {
            None
        }
        (
            UpdateState::Planned
            | UpdateState::Announced { .. }
            | UpdateState::Held { .. }
            | UpdateState::Skipped { .. }
            | UpdateState::AlreadySatisfied { .. },
            standing,
        ) => match standing {
            Standing::Aboard(_) => None,
            Standing::Satisfied => {
                let why = only(&EnvironmentReason::Satisfied { build: seat.facts.build });
                Some(Action::Satisfy { update: id, environment, why })
            }
            Standing::Skipped(reason, _) => Some(Action::Skip { update: id, environment, reason: reason.clone() }),
            Standing::Held(reason) => Some(Action::Hold { update: id, environment, reason: reason.clone() }),
        },
        (UpdateState::Failed { .. }, Standing::Satisfied) => {
            let why = only(&EnvironmentReason::Satisfied { build: seat.facts.build });
            Some(Action::Satisfy { update: id, environment, why })
        }
        (UpdateState::Failed { .. }, Standing::Held(_) | Standing::Skipped(..)) => give_up(seat, update),
        _ => None,
    }
}

/// Failed, and not tried again.
fn give_up(seat: &Seat<'_>, update: &UpdateFacts) -> Option<Action> {
    let reason = update.attempts_used()?;
    Some(Action::Hold { update: update.id, environment: seat.facts.id, reason })
}

fn announce(board: &Board<'_>, seat: &Seat<'_>, update: &UpdateFacts) -> Option<Action> {
    let Some(night) = seat.turn.night else {
        return explain(
            update,
            Explanation { reasons: with(seat.turn.reasons.clone(), Some(EnvironmentReason::NoNight)), next: None },
        );
    };
    let horizon = board.now + board.rules.ahead;
    let production_told =
        seat.follows.is_none_or(|p| !matches!(board.seats[p].state(), None | Some(UpdateState::Planned)));
    if night.start <= horizon && production_told {
        let why = explanation(seat, Some(EnvironmentReason::NightAhead { night }), Some(night.start));
        return Some(Action::Announce { update: update.id, environment: seat.facts.id, night, why });
    }
    let waits = seat.stage.and_then(|stage| not_chosen(board, stage));
    explain(update, explanation(seat, waits, Some(night.start)))
}

fn start<'a>(
    board: &Board<'a>,
    review: &Review,
    running: &mut Running<'a>,
    i: usize,
    (update, night): (&UpdateFacts, Night),
) -> Option<Action> {
    let seat = &board.seats[i];
    let reasons = blocked(board, review, running, i, night);
    if reasons.is_empty() {
        running.add(seat);
        let why = explanation(seat, Some(EnvironmentReason::RunningNow { since: board.now }), None);
        return Some(Action::Start { update: update.id, environment: seat.facts.id, why });
    }
    // A night that has begun is no next time; who waits for a stage is told when that opens, if it is known.
    let closed = reasons.iter().find_map(|reason| match reason {
        EnvironmentReason::StageClosed { stage } => Some(*stage),
        _ => None,
    });
    let next = closed.map_or(Some(night.start), |stage| review.next(stage));
    explain(update, explanation(seat, reasons, next.filter(|at| *at > board.now)))
}

/// Its owner takes it ahead: it starts like any other, but no stage has to be open for it, and no other night takes the
/// place of one that cannot be kept.
fn pulled<'a>(
    board: &Board<'a>,
    review: &Review,
    running: &mut Running<'a>,
    i: usize,
    (update, booked, night): (&UpdateFacts, &Booked, Night),
) -> Option<Action> {
    let seat = &board.seats[i];
    let reason = if !night.is_of(seat.facts.placement.dark_hours) {
        MoveReason::HoursChanged
    } else if let Some(freeze) = board.facts.freezes.covering(seat.facts.place(), night.date) {
        MoveReason::Frozen { why: freeze.reason.clone(), until: freeze.span.covered_until(night.date) }
    } else if night.is_over_for(board.now, board.declared) {
        missed_because(board, review, seat, update, night)
    } else {
        return start(board, review, running, i, (update, night));
    };
    let (before, environment) = ((*booked.before).clone(), seat.facts.id);
    Some(Action::EndPull { update: update.id, environment, night, before, reason })
}

/// Everything that keeps an announced update from starting now; where there is nothing, it starts.
fn blocked(
    board: &Board<'_>,
    review: &Review,
    running: &Running<'_>,
    i: usize,
    night: Night,
) -> Vec<EnvironmentReason> {
    let seat = &board.seats[i];
    let Some(stage) = seat.stage else {
        return vec![EnvironmentReason::NoStation { region: seat.facts.placement.region_name.clone() }];
    };
    let mut reasons: Vec<EnvironmentReason> = build_not_approved(board).into_iter().collect();
    if board.now < night.start {
        // What may change until then is not held against it.
        if reasons.is_empty() {
            reasons.push(EnvironmentReason::NightAhead { night });
        }
        return reasons;
    }
    // What its owner takes ahead waits for no stage, and keeps no gap.
    if seat.pulled().is_none() {
        let late = board.late_sandbox(i);
        reasons.extend(late.map(|sandbox| EnvironmentReason::WaitsForSandbox { sandbox: sandbox.facts.id }));
        let closed = EnvironmentReason::StageClosed { stage };
        let missing = EnvironmentReason::ApprovalMissing { station: stage.station };
        reasons.extend((!review.admits(stage)).then_some(closed));
        reasons.extend((!board.facts.is_let_into(stage.station)).then_some(missing));
    }
    let production = seat.follows.map(|p| board.seats[p].facts).filter(|facts| !has_the_build(board.facts, facts));
    reasons.extend(production.map(|facts| EnvironmentReason::WaitsForProduction { production: facts.id }));
    let sandbox = board.failed_sandbox(i);
    reasons.extend(sandbox.map(|sandbox| EnvironmentReason::SandboxFailed { sandbox: sandbox.facts.id }));
    if !night.admits_start(board.now, board.declared) {
        reasons.push(EnvironmentReason::WindowTooShort { minutes: board.declared.num_minutes() });
    }
    if board.busy_elsewhere(seat.facts.id) {
        reasons.push(EnvironmentReason::BusyElsewhere);
    }
    // Room is asked for last: who may not start anyway takes none.
    if reasons.is_empty() {
        reasons.extend(running.full(board, seat, stage));
    }
    reasons
}

fn retry(board: &Board<'_>, i: usize, update: &UpdateFacts, night: Night) -> Option<Action> {
    let seat = &board.seats[i];
    let turn = board.turn(i, Some(night.end.max(board.now)));
    let Some(to) = turn.night else { return give_up(seat, update) };
    let why = Explanation {
        reasons: with(turn.reasons, Some(EnvironmentReason::NightAhead { night: to })),
        next: Some(to.start),
    };
    Some(Action::Retry { update: update.id, environment: seat.facts.id, to, why })
}

fn not_chosen(board: &Board<'_>, stage: StageKey) -> Option<EnvironmentReason> {
    let ahead_days = u16::try_from(board.rules.ahead.num_days()).unwrap_or(u16::MAX);
    board.window(stage).map(|window| EnvironmentReason::NightNotChosen { window, ahead_days })
}

pub fn with(
    mut reasons: Vec<EnvironmentReason>,
    last: impl IntoIterator<Item = EnvironmentReason>,
) -> Vec<EnvironmentReason> {
    reasons.extend(last);
    reasons
}

fn build_not_approved(board: &Board<'_>) -> Option<EnvironmentReason> {
    board.facts.unapproved.clone().map(|build| EnvironmentReason::BuildNotApproved { build })
}

/// Every rule that leaves it out, and when all of them can be over at the earliest: for who is outside of the share that is
/// its night, were it let in now.
fn left_out(seat: &Seat<'_>, reason: &EnvironmentReason) -> Explanation {
    let also = match &seat.standing {
        Standing::Skipped(first, also) if first == reason => &also[..],
        _ => &[],
    };
    let reasons: Vec<EnvironmentReason> = [reason].into_iter().chain(also).cloned().collect();
    let ends = reasons.iter().map(|reason| match reason {
        EnvironmentReason::NotInShare { .. } => seat.turn.night.map(|night| night.start),
        other => other.next(),
    });
    let next = ends.collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max());
    Explanation { reasons, next }
}

fn only(reason: &EnvironmentReason) -> Explanation {
    Explanation { reasons: vec![reason.clone()], next: None }
}

fn explanation(
    seat: &Seat<'_>,
    last: impl IntoIterator<Item = EnvironmentReason>,
    next: Option<DateTime<Utc>>,
) -> Explanation {
    Explanation { reasons: with(seat.turn.reasons.clone(), last), next }
}

/// Only what changed is written.
fn explain(update: &UpdateFacts, why: Explanation) -> Option<Action> {
    (update.reasons != why.reasons || update.next != why.next).then_some(Action::Explain { update: update.id, why })
}
