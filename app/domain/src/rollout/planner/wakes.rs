//! When an estate has to be looked at again, and how long a rollout rests. Whatever happens to them makes them due at once
//! (the store sees to it); this is about what the passing of time alone brings.

use super::board::Board;
use super::seat::Seat;
use super::stages::Review;
use super::standing::{self, Standing};
use crate::calendar::Night;
use crate::ids::{CustomerId, EnvironmentId};
use crate::rollout::plan::{Action, EstatePlan};
use crate::rollout::report::EnvironmentReason;
use crate::rollout::state::{StageState, UpdateState};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashSet;

/// Where no night can be found, the rules are asked again so much later: days and dark hours seldom change, and a change
/// makes the estate due anyway.
const NO_NIGHT_AGAIN: TimeDelta = TimeDelta::days(1);

/// Of an emergency path that waits for no published one: as long as the bake that the form offers.
const WINDOW_AGAIN: TimeDelta = TimeDelta::hours(6);

pub fn estates(board: &Board<'_>, actions: &[Action]) -> Vec<EstatePlan> {
    let changed: HashSet<EnvironmentId> = actions.iter().filter_map(Action::changes).collect();
    let estate = |(customer, seats): (CustomerId, Vec<&Seat<'_>>)| {
        let wake = if seats.iter().any(|seat| changed.contains(&seat.facts.id)) {
            Some(board.now)
        } else {
            seats.iter().filter_map(|seat| wake(board, seat)).min()
        };
        let aboard = seats.iter().filter(|seat| !seat.left_out());
        let last_night = aboard.filter_map(|seat| seat.turn.night).map(|night| night.start).max();
        EstatePlan { customer, wake, last_night }
    };
    board.estates().into_iter().map(estate).collect()
}

/// For a rollout. `None` where it has to be looked at all the time: what listening systems say of what was updated grows old
/// by the minute, and an emergency path ends.
pub fn rests_until(board: &Board<'_>, review: &Review) -> Option<DateTime<Utc>> {
    let facts = board.facts;
    let is_watched =
        facts.policy.gate.telemetry.is_some() && facts.stages.iter().any(|stage| stage.state != StageState::Waiting);
    if is_watched || facts.emergency.is_some() {
        return None;
    }
    Some(review.changes(board).min().unwrap_or(DateTime::<Utc>::MAX_UTC))
}

/// When its emergency path ends, other nights are allowed, and who counts as due is asked by other windows; when its service
/// update is near, it stays out.
fn wake(board: &Board<'_>, seat: &Seat<'_>) -> Option<DateTime<Utc>> {
    let is_to_come = matches!(seat.state()?, UpdateState::Planned | UpdateState::Announced { .. });
    let ends = board.rules.until.filter(|_| is_to_come || board.rules.any_night().is_some());
    let near = standing::due_anyway_from(seat.facts).filter(|at| is_to_come && *at > board.now);
    // Its window follows the stages before it.
    let follows = (is_to_come && board.rules.any_night().is_some()).then_some(board.now + WINDOW_AGAIN);
    [ends, near, follows, by_itself(board, seat)].into_iter().flatten().min()
}

fn by_itself(board: &Board<'_>, seat: &Seat<'_>) -> Option<DateTime<Utc>> {
    let later = |at: &DateTime<Utc>| *at > board.now;
    match seat.state()? {
        UpdateState::Planned => match (&seat.standing, seat.turn.night) {
            (Standing::Aboard(_), Some(night)) => {
                let told = night.start - board.rules.ahead;
                // Not announced by then, it waits for its production to be; from here on it is too near and another takes its place.
                [told, too_near(board, night), night.start].into_iter().find(later)
            }
            (Standing::Aboard(_), None) => Some(board.now + NO_NIGHT_AGAIN),
            _ => None,
        },
        UpdateState::Announced { night, .. } => {
            // From one millisecond later on the rest of the night is too short.
            let over = night.end - board.declared + TimeDelta::milliseconds(1);
            // No other night is found for it.
            [night.start, over, board.now + NO_NIGHT_AGAIN].into_iter().find(later)
        }
        UpdateState::Skipped { reason: EnvironmentReason::Exempt { expires_at, .. }, .. } => Some(*expires_at),
        // The day after, if it did not come.
        UpdateState::Skipped { reason: EnvironmentReason::ServiceUpdateDue { on }, .. } => {
            on.succ_opt().and_then(|day| day.and_hms_opt(0, 0, 0)).map(|midnight| midnight.and_utc())
        }
        // The night it could have is another from then on.
        UpdateState::Skipped { reason: EnvironmentReason::NotInShare { .. }, .. } => {
            seat.turn.night.map(|night| too_near(board, night)).filter(later)
        }
        // Nothing tells of an approver who may approve again.
        UpdateState::Failed { .. } if board.facts.unapproved.is_some() => Some(board.now + NO_NIGHT_AGAIN),
        UpdateState::InProgress { .. }
        | UpdateState::Verifying { .. }
        | UpdateState::Succeeded { .. }
        | UpdateState::Failed { .. }
        | UpdateState::AlreadySatisfied { .. }
        | UpdateState::Skipped { .. }
        | UpdateState::Held { .. } => None,
    }
}

/// From here on the owner of this night cannot be told of it in time.
fn too_near(board: &Board<'_>, night: Night) -> DateTime<Utc> {
    night.start - board.rules.notice + TimeDelta::milliseconds(1)
}
