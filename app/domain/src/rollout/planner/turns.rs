//! Enrol, announce, start, move, try again: one environment after the other. G2, G4, R2, caps of C1.

use super::board::{Board, Seat, Turn};
use super::stages::Review;
use super::standing::Standing;
use crate::calendar::{Night, StageWindow};
use crate::fleet::{StageKey, StationNumber};
use crate::ids::CustomerId;
use crate::rollout::facts::UpdateFacts;
use crate::rollout::plan::{Action, Explanation};
use crate::rollout::report::{CapScope, EnvironmentReason, MoveReason};
use crate::rollout::state::{RolloutState, UpdateState};
use chrono::{DateTime, Days, TimeDelta, Utc};
use std::collections::HashMap;

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

/// Updates running at once, against the caps. Those of other rollouts count in every cap but the rollout's own.
struct Running<'a> {
    rollout: u32,
    station: HashMap<StationNumber, u32>,
    region: HashMap<&'a str, u32>,
    customer: HashMap<CustomerId, u32>,
}

impl<'a> Running<'a> {
    fn count(board: &Board<'a>) -> Self {
        let mut running =
            Self { rollout: 0, station: HashMap::new(), region: HashMap::new(), customer: HashMap::new() };
        for update in &board.facts.in_flight {
            running.rollout += u32::from(update.own);
            running.add_shared(update.station, &update.region, update.customer);
        }
        running
    }

    fn add(&mut self, seat: &Seat<'a>) {
        self.rollout += 1;
        let station = seat.stage.map(|stage| stage.station);
        self.add_shared(station, &seat.facts.placement.region, seat.facts.customer);
    }

    fn add_shared(&mut self, station: Option<StationNumber>, region: &'a str, customer: CustomerId) {
        if let Some(station) = station {
            *self.station.entry(station).or_default() += 1;
        }
        *self.region.entry(region).or_default() += 1;
        *self.customer.entry(customer).or_default() += 1;
    }

    /// The first cap that is full.
    fn full(&self, board: &Board<'_>, seat: &Seat<'_>, stage: StageKey) -> Option<EnvironmentReason> {
        let caps = board.facts.policy.caps;
        let station = self.station.get(&stage.station).copied().unwrap_or(0);
        let region = self.region.get(seat.facts.placement.region.as_str()).copied().unwrap_or(0);
        let customer = self.customer.get(&seat.facts.customer).copied().unwrap_or(0);
        let all = [
            (CapScope::Rollout, self.rollout, caps.rollout),
            (CapScope::Station, station, caps.station),
            (CapScope::Region, region, caps.region),
            (CapScope::Customer, customer, caps.customer),
        ];
        let full = all.into_iter().find(|(_, used, limit)| used >= limit);
        full.map(|(scope, _, limit)| EnvironmentReason::Cap { scope, limit })
    }
}

fn act<'a>(board: &Board<'a>, review: &Review, running: &mut Running<'a>, i: usize) -> Option<Action> {
    let seat = &board.seats[i];
    let environment = seat.facts.id;
    let Some(update) = &seat.facts.update else { return Some(enrol(board, i)) };
    let settle = settle(board, seat, update);
    if settle.is_some() {
        return settle;
    }
    let halted = seat.stage.and_then(|stage| board.facts.halt_of(stage.station, seat.facts.customer));
    match &update.state {
        // Nothing is announced, moved or started (rules H1, H2); what failed is promised no other night either.
        UpdateState::Planned | UpdateState::Announced { .. } | UpdateState::Failed { .. } if halted.is_some() => {
            let why = halted.map(|halt| EnvironmentReason::Halted { why: halt.sentence() });
            explain(update, explanation(seat, why, None))
        }
        UpdateState::Planned => announce(board, seat, update),
        UpdateState::Announced { night, .. } => {
            let night = *night;
            if let Some((to, reason)) = relocation(board, review, i, update, night) {
                let why = Explanation { reasons: with(to.reasons, None), next: to.night.map(|n| n.start) };
                return to.night.map(|to| Action::Relocate {
                    update: update.id,
                    environment,
                    from: night,
                    to,
                    reason,
                    why,
                });
            }
            match blocked(board, review, running, i, night) {
                None => {
                    running.add(seat);
                    let why = explanation(seat, Some(EnvironmentReason::RunningNow { since: board.now }), None);
                    Some(Action::Start { update: update.id, environment, why })
                }
                Some(reason) => explain(update, explanation(seat, Some(reason), Some(night.start))),
            }
        }
        UpdateState::Failed { night, .. } => retry(board, i, update, *night),
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
        UpdateState::Skipped { reason, .. } | UpdateState::Held { reason, .. } => only(reason),
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
            (UpdateState::AlreadySatisfied { since: board.now, cancelled: None }, only(&reason))
        }
        Standing::Skipped(reason) => (UpdateState::Skipped { reason: reason.clone(), cancelled: None }, only(reason)),
        Standing::Held(reason) => (UpdateState::Held { reason: reason.clone(), cancelled: None }, only(reason)),
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
        (UpdateState::Held { .. } | UpdateState::Skipped { .. }, Standing::Aboard(stage)) => {
            Some(Action::Reopen { update: id, environment, stage: *stage, follows: board.followed(seat) })
        }
        (UpdateState::Skipped { reason: old, .. }, Standing::Skipped(new))
        | (UpdateState::Held { reason: old, .. }, Standing::Held(new))
            if old == new =>
        {
            None
        }
        (
            UpdateState::Planned
            | UpdateState::Announced { .. }
            | UpdateState::Held { .. }
            | UpdateState::Skipped { .. },
            standing,
        ) => match standing {
            Standing::Aboard(_) => None,
            Standing::Satisfied => {
                let why = only(&EnvironmentReason::Satisfied { build: seat.facts.build });
                Some(Action::Satisfy { update: id, environment, why })
            }
            Standing::Skipped(reason) => Some(Action::Skip { update: id, environment, reason: reason.clone() }),
            Standing::Held(reason) => Some(Action::Hold { update: id, environment, reason: reason.clone() }),
        },
        (UpdateState::Failed { .. }, Standing::Satisfied) => {
            let why = only(&EnvironmentReason::Satisfied { build: seat.facts.build });
            Some(Action::Satisfy { update: id, environment, why })
        }
        (UpdateState::Failed { .. }, Standing::Held(_) | Standing::Skipped(_)) => give_up(seat, update),
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
    let horizon = board.now + TimeDelta::days(board.facts.policy.announce_ahead_days.into());
    let production_told =
        seat.follows.is_none_or(|p| !matches!(board.seats[p].state(), None | Some(UpdateState::Planned)));
    if night.start <= horizon && production_told {
        let why = explanation(seat, Some(EnvironmentReason::NightAhead { night }), Some(night.start));
        return Some(Action::Announce { update: update.id, environment: seat.facts.id, night, why });
    }
    let waits = seat.stage.and_then(|stage| not_chosen(board, stage));
    explain(update, explanation(seat, waits, Some(night.start)))
}

/// A night that cannot be kept, and the one that takes its place.
fn relocation(
    board: &Board<'_>,
    review: &Review,
    i: usize,
    update: &UpdateFacts,
    night: Night,
) -> Option<(Turn, MoveReason)> {
    let seat = &board.seats[i];
    let (reason, after) = if let Some(sandbox) = seat.turn.gap.filter(|sandbox| sandbox.start + board.gap > night.start)
    {
        let days = board.facts.policy.min_gap_days;
        (MoveReason::GapToSandbox { sandbox_date: sandbox.date, days }, board.now)
    } else if board.production_night(seat).is_some_and(|production| production.start > night.start) {
        (MoveReason::WaitsForProduction, board.now)
    } else if hours_changed(seat, night) {
        (MoveReason::HoursChanged, board.now)
    } else if let Some(freeze) = board.nights(seat).and_then(|nights| nights.freeze(night.date)) {
        let (why, until) = (freeze.reason.clone(), freeze.span.covered_until(night.date));
        (MoveReason::Frozen { why, until }, board.now)
    } else if night.is_over_for(board.now, board.declared) {
        let reason = missed_because(board, review, seat, update, night);
        (reason.clone(), after_missed(board, seat, night, &reason))
    } else {
        return None;
    };
    let turn = board.turn(i, Some(after.max(night.start + TimeDelta::seconds(1)).max(board.now)));
    turn.night.is_some().then_some((turn, reason))
}

/// The region's dark hours or the environment's days are no longer those that the night was chosen by.
fn hours_changed(seat: &Seat<'_>, night: Night) -> bool {
    let today = seat.facts.placement.dark_hours.and_then(|hours| hours.night(night.date));
    today != Some(night) || !seat.facts.days.allow(night.date)
}

/// Within the stage's window the next night will do. Beyond it nobody knew when a closed stage opens or a halted train
/// goes on, so the owner gets the full notice again instead of a new date every night.
fn after_missed(board: &Board<'_>, seat: &Seat<'_>, night: Night, reason: &MoveReason) -> DateTime<Utc> {
    let is_in = |window: StageWindow| night.date.max(board.now.date_naive() - Days::new(1)) < window.last;
    let within = seat.stage.and_then(|stage| board.window(stage)).is_some_and(is_in);
    let notice = TimeDelta::days(board.facts.policy.notice_days.into());
    match reason {
        MoveReason::StageClosed { .. } | MoveReason::RolloutHalted | MoveReason::Halted { .. } if !within => {
            board.now + notice
        }
        _ => board.now,
    }
}

fn missed_because(
    board: &Board<'_>,
    review: &Review,
    seat: &Seat<'_>,
    update: &UpdateFacts,
    night: Night,
) -> MoveReason {
    if let Some(stage) = seat.stage.filter(|stage| !review.admits(*stage)) {
        return MoveReason::StageClosed { stage, on: review.first_reason(stage).cloned().map(Box::new) };
    }
    let resumed = match board.facts.state {
        RolloutState::Running { resumed_at, .. } => resumed_at.filter(|at| *at >= night.start),
        _ => None,
    };
    let written = update.reasons.iter().find_map(|reason| match reason {
        EnvironmentReason::Cap { scope, limit } => Some(MoveReason::Cap { scope: *scope, limit: *limit }),
        EnvironmentReason::WaitsForProduction { .. } => Some(MoveReason::WaitsForProduction),
        EnvironmentReason::RolloutHalted => Some(MoveReason::RolloutHalted),
        EnvironmentReason::Halted { why } => Some(MoveReason::Halted { why: why.clone() }),
        EnvironmentReason::SandboxFailed { .. } => Some(MoveReason::SandboxFailed),
        _ => None,
    });
    match (resumed, written) {
        // The rollout stood until nothing could start in that night any more, whatever it had waited for before.
        (Some(at), _) if night.is_over_for(at, board.declared) => MoveReason::RolloutHalted,
        (_, Some(reason)) => reason,
        (Some(_), None) => MoveReason::RolloutHalted,
        (None, None) => MoveReason::NightMissed,
    }
}

/// Why an announced update does not start now; `None` starts it.
fn blocked(
    board: &Board<'_>,
    review: &Review,
    running: &Running<'_>,
    i: usize,
    night: Night,
) -> Option<EnvironmentReason> {
    let seat = &board.seats[i];
    let stage = seat.stage?;
    if board.now < night.start {
        return Some(EnvironmentReason::NightAhead { night });
    }
    if !review.admits(stage) {
        return Some(EnvironmentReason::StageClosed { stage });
    }
    if let Some(production) = seat.follows.map(|p| &board.seats[p])
        && !matches!(production.state(), Some(UpdateState::Succeeded { .. } | UpdateState::AlreadySatisfied { .. }))
    {
        return Some(EnvironmentReason::WaitsForProduction { production: production.facts.id });
    }
    if let Some(sandbox) = board.failed_sandbox(i) {
        return Some(EnvironmentReason::SandboxFailed { sandbox: sandbox.facts.id });
    }
    if !night.admits_start(board.now, board.declared) {
        return Some(EnvironmentReason::WindowTooShort { minutes: board.declared.num_minutes() });
    }
    if board.busy_elsewhere(seat.facts.id) {
        return Some(EnvironmentReason::BusyElsewhere);
    }
    running.full(board, seat, stage)
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
    let ahead_days = board.facts.policy.announce_ahead_days;
    board.window(stage).map(|window| EnvironmentReason::NightNotChosen { window, ahead_days })
}

fn with(mut reasons: Vec<EnvironmentReason>, last: Option<EnvironmentReason>) -> Vec<EnvironmentReason> {
    reasons.extend(last);
    reasons
}

fn only(reason: &EnvironmentReason) -> Explanation {
    Explanation { reasons: vec![reason.clone()], next: None }
}

fn explanation(seat: &Seat<'_>, last: Option<EnvironmentReason>, next: Option<DateTime<Utc>>) -> Explanation {
    Explanation { reasons: with(seat.turn.reasons.clone(), last), next }
}

/// Only what changed is written.
fn explain(update: &UpdateFacts, why: Explanation) -> Option<Action> {
    (update.reasons != why.reasons || update.next != why.next).then_some(Action::Explain { update: update.id, why })
}
