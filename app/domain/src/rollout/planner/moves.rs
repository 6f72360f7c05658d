//! Announced nights that cannot be kept, or come earlier under an emergency path: which other takes their place, and why.
//! R1, R2, G3, E1.

use super::board::{Board, Turn};
use super::missed::{after_missed, missed_because};
use super::seat::Seat;
use super::stages::Review;
use super::turns::with;
use crate::calendar::Night;
use crate::rollout::facts::UpdateFacts;
use crate::rollout::plan::{Action, Explanation};
use crate::rollout::report::{EnvironmentReason, MoveReason};
use crate::rollout::state::UpdateState;
use chrono::TimeDelta;

/// A night that cannot be kept, and the one that takes its place.
pub fn relocation(
    board: &Board<'_>,
    review: &Review,
    i: usize,
    update: &UpdateFacts,
    night: Night,
) -> Option<(Turn, MoveReason)> {
    let seat = &board.seats[i];
    let (reason, after) = if let Some(sandbox) = seat.turn.gap.filter(|sandbox| sandbox.start + board.gap > night.start)
    {
        let days = board.rules.policy.min_gap_days;
        (MoveReason::GapToSandbox { sandbox_date: sandbox.date, days }, board.now)
    } else if board.production_night(seat).is_some_and(|production| production.start > night.start) {
        (MoveReason::WaitsForProduction, board.now)
    } else if let Some(reason) = hours_changed(board, seat, night) {
        (reason, board.now)
    } else if let Some(freeze) = board.nights(seat).and_then(|nights| nights.freeze(night.date)) {
        let (why, until) = (freeze.reason.clone(), freeze.span.covered_until(night.date));
        (MoveReason::Frozen { why, until }, board.now)
    } else if let Some(other) = board.nights(seat).and_then(|nights| nights.clash(night)).filter(|o| o.goes_first) {
        (MoveReason::Clash { train: other.train }, board.now)
    } else if night.is_over_for(board.now, board.declared) {
        let reason = missed_because(board, review, seat, update, night);
        (reason.clone(), after_missed(board, seat, night, &reason))
    } else {
        return sooner(board, i, night);
    };
    Some((board.turn(i, Some(after.max(night.start + TimeDelta::seconds(1)).max(board.now))), reason))
}

/// Where no other night is found, it is given back: a night that cannot be kept is not promised any longer, and the update
/// waits for one.
pub fn relocate(seat: &Seat<'_>, update: &UpdateFacts, from: Night, (to, reason): (Turn, MoveReason)) -> Action {
    let (update, environment) = (update.id, seat.facts.id);
    let why = Explanation { reasons: with(to.reasons, None), next: to.night.map(|night| night.start) };
    match (to.night, reason) {
        (Some(to), reason) => Action::Relocate { update, environment, from, to, reason, why },
        (None, MoveReason::Frozen { why, until }) => {
            Action::Hold { update, environment, reason: EnvironmentReason::Frozen { why, until } }
        }
        (None, _) => Action::Hold { update, environment, reason: EnvironmentReason::NoNight },
    }
}

/// Under an emergency path that makes nights come earlier: the first one that it allows, where that is before the
/// announced one. Whoever goes after somebody else waits for where that one's night comes to lie, and moves once.
fn sooner(board: &Board<'_>, i: usize, night: Night) -> Option<(Turn, MoveReason)> {
    let quick = board.rules.quick.as_ref()?;
    let moves = |before: usize| {
        let seat = &board.seats[before];
        let announced = seat.state().filter(|state| state.is_announced() && seat.pulled().is_none());
        announced.and_then(UpdateState::night).is_some_and(|night| sooner(board, before, night).is_some())
    };
    if board.goes_after(i).any(moves) {
        return None;
    }
    let turn = board.turn(i, Some(board.now + board.rules.notice));
    let is_sooner = turn.night.is_some_and(|sooner| sooner.start < night.start);
    is_sooner.then(|| (turn, MoveReason::Emergency { why: quick.why.clone() }))
}

/// The region's dark hours or the environment's days are no longer those that the night was chosen by, or the emergency path
/// that waited for neither its window nor its days is over.
fn hours_changed(board: &Board<'_>, seat: &Seat<'_>, night: Night) -> Option<MoveReason> {
    if !night.is_of(seat.facts.placement.dark_hours) {
        return Some(MoveReason::HoursChanged);
    }
    if board.rules.any_night().is_some() {
        return None;
    }
    let window = seat.stage.and_then(|stage| board.window(stage));
    if window.is_some_and(|window| night.date < window.first) {
        return Some(MoveReason::EmergencyOver);
    }
    let is_its_day = seat.facts.days.allow(night.date);
    (!is_its_day).then(|| if was_any_night(seat) { MoveReason::EmergencyOver } else { MoveReason::HoursChanged })
}

/// The last plan that looked at it said that any night would do.
fn was_any_night(seat: &Seat<'_>) -> bool {
    let said = seat.facts.update.iter().flat_map(|update| &update.reasons);
    said.into_iter().any(|reason| matches!(reason, EnvironmentReason::AnyNight { .. }))
}
