//! The planner: a total, pure, deterministic function of facts and `now`. It returns what to do and why everything
//! else waits; the same facts and the same instant always give the same plan.
//!
//! | file | rules |
//! |---|---|
//! | `board`, `seat` | the working sheet: G3 (gap), H2 (nobody waits for who is halted alone) |
//! | `in_front` | own sandboxes before production: G3, S3 (held where one failed) |
//! | `standing` | takes part at all? G5, G6, S1, S2, S4, S5, participation (C1) |
//! | `nights` | which night? G2, G3, G4, N1, R1, R2 |
//! | `stages` | open, pass, halt: G1, in the order of checks of DESIGN §4 |
//! | `rules` | what holds just now: usual, or shortened by the emergency path (E1) |
//! | `forward` | the windows of an emergency path that waits for no published one (E1) |
//! | `turns` | announce, start, try again: G2, G4, R2; what is taken ahead of its night |
//! | `moves` | nights that give way to others: R1, R2, G3, E1 |
//! | `missed` | why a night passed without a start: R2 |
//! | `caps` | how much runs at once: C1 |
//! | `wakes` | when each estate has to be looked at again, and how long the rollout rests |
//! | `share` | the stable hash behind shares and nights |
//!
//! A halted rollout (H1) does nothing: nothing starts, nothing is announced, nothing moves. Nor does any while the kill
//! switch is thrown; evidence that halts a build is obeyed even then.
//!
//! A plan over some estates is the plan over all of them, as far as these go: only caps and stages look beyond an estate,
//! and they look at counts.

mod board;
mod caps;
mod forward;
mod in_front;
mod missed;
mod moves;
mod nights;
mod rules;
mod seat;
mod share;
mod stages;
mod standing;
#[cfg(test)]
mod tests;
mod turns;
mod wakes;

use super::facts::RolloutFacts;
use super::plan::{Action, Plan};
use super::report::RolloutReport;
use super::state::{HaltCause, RolloutState};
pub(super) use board::Board;
use chrono::{DateTime, Utc};
pub(super) use seat::Seat;
pub use stages::needs_approval;
pub(super) use standing::Standing;
pub use standing::{due_anyway, kept_out};

/// Decides everything that one rollout does at `now` with the estates of the facts.
pub fn plan(facts: &RolloutFacts, now: DateTime<Utc>) -> Plan {
    let board = Board::new(facts, now);
    let stages = stages::review(&board);
    let runs = matches!(facts.state, RolloutState::Running { .. });
    let stands = facts.kill_switch().is_some();
    let mut actions = Vec::new();
    if runs {
        if let Some(cause) = halt_cause(facts, &stages) {
            actions.push(Action::Halt { cause });
        } else if !stands {
            actions.extend(stages.actions.iter().cloned());
            actions.extend(turns::take(&board, &stages));
            if actions.is_empty() && is_over(&board, &stages) {
                actions.push(Action::Complete);
            }
        }
    }
    // What stands is not looked at: an estate that becomes due meanwhile stays so until the rollout goes on.
    let is_moving = runs && !stands && !matches!(actions[..], [Action::Halt { .. }]);
    let estates = if is_moving { wakes::estates(&board, &actions) } else { Vec::new() };
    let last_night_at = estates.iter().map(|estate| estate.last_night).max().flatten().max(facts.last_night);
    let rests_until = wakes::rests_until(&board, &stages);
    let report = RolloutReport { stages: stages.reports, unplaced: facts.unplaced, last_night_at };
    Plan { actions, estates, rests_until, report, based_on: facts.generation }
}

/// Everybody was looked at, nobody waits for a night or runs, and nothing is watched any more.
fn is_over(board: &Board<'_>, stages: &stages::Review) -> bool {
    let unsettled: u32 = board.facts.stages.iter().map(|stage| stage.tally.counts.unsettled()).sum();
    !board.facts.pending && unsettled + board.facts.unplaced.unsettled() == 0 && stages.over(board)
}

fn halt_cause(facts: &RolloutFacts, stages: &stages::Review) -> Option<HaltCause> {
    let build = facts.build_halted.as_ref().map(|reason| HaltCause::Build { reason: reason.clone() });
    build.or_else(|| stages.failed.clone())
}
