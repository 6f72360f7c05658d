//! A night that passed without a start: what was to blame, and from when on another is looked for (R2).

use super::board::Board;
use super::seat::Seat;
use super::stages::Review;
use crate::calendar::{Night, StageWindow};
use crate::rollout::facts::UpdateFacts;
use crate::rollout::report::{EnvironmentReason, MoveReason, WaitingOn};
use crate::rollout::state::RolloutState;
use chrono::{DateTime, Days, Utc};

/// Within the stage's window the next night will do. Beyond it nobody knew when a closed stage opens or a halted train
/// goes on, so the owner gets the full notice again instead of a new date every night.
pub fn after_missed(board: &Board<'_>, seat: &Seat<'_>, night: Night, reason: &MoveReason) -> DateTime<Utc> {
    let is_in = |window: StageWindow| night.date.max(board.now.date_naive() - Days::new(1)) < window.last;
    let within = seat.stage.and_then(|stage| board.window(stage)).is_some_and(is_in);
    match reason {
        MoveReason::StageClosed { .. }
        | MoveReason::RolloutHalted
        | MoveReason::Halted { .. }
        | MoveReason::WaitsForSandbox
            if !within =>
        {
            board.now + board.rules.notice
        }
        _ => board.now,
    }
}

pub fn missed_because(
    board: &Board<'_>,
    review: &Review,
    seat: &Seat<'_>,
    update: &UpdateFacts,
    night: Night,
) -> MoveReason {
    if let Some(stage) = seat.stage.filter(|stage| !review.admits(*stage) && seat.pulled().is_none()) {
        return MoveReason::StageClosed { stage, on: review.first_reason(stage).cloned().map(Box::new) };
    }
    let resumed = match board.facts.state {
        RolloutState::Running { resumed_at, .. } => resumed_at.filter(|at| *at >= night.start),
        _ => None,
    };
    let closed = |on| seat.stage.map(|stage| MoveReason::StageClosed { stage, on: Some(Box::new(on)) });
    let written = update.reasons.iter().find_map(|reason| match reason {
        EnvironmentReason::BuildNotApproved { build } => closed(WaitingOn::Build { build: build.clone() }),
        EnvironmentReason::ApprovalMissing { station } => closed(WaitingOn::Approval { station: *station }),
        EnvironmentReason::Cap { scope, limit } => Some(MoveReason::Cap { scope: *scope, limit: *limit }),
        EnvironmentReason::WaitsForProduction { .. } => Some(MoveReason::WaitsForProduction),
        EnvironmentReason::WaitsForSandbox { .. } => Some(MoveReason::WaitsForSandbox),
        EnvironmentReason::RolloutHalted => Some(MoveReason::RolloutHalted),
        EnvironmentReason::Halted { why } => Some(MoveReason::Halted { why: why.clone() }),
        EnvironmentReason::SandboxFailed { .. } => Some(MoveReason::SandboxFailed),
        _ => None,
    });
    // Only as long as everything stood is the night to blame on that.
    let stop = board.facts.last_stop().filter(|(halt, lifted)| {
        *lifted >= night.start
            && night.is_over_for(*lifted, board.declared)
            && !night.is_over_for(halt.at, board.declared)
    });
    if let Some((halt, _)) = stop {
        return MoveReason::Halted { why: halt.cause.of_everything_then() };
    }
    match (resumed, written) {
        // The rollout stood until nothing could start in that night any more, whatever it had waited for before.
        (Some(at), _) if night.is_over_for(at, board.declared) => MoveReason::RolloutHalted,
        (_, Some(reason)) => reason,
        (Some(_), None) => MoveReason::RolloutHalted,
        (None, None) => MoveReason::NightMissed,
    }
}
