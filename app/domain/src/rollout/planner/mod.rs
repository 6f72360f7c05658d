//! The planner: a total, pure, deterministic function of facts and `now`. It returns what to do and why everything
//! else waits; the same facts and the same instant always give the same plan.
//!
//! | file | rules |
//! |---|---|
//! | `standing` | takes part at all? G5, G6, S2, S4, S5, participation (C1) |
//! | `nights` | which night? G2, G3, G4, N1, R2 |
//! | `stages` | open, pass, halt: G1 with the order of checks halt → stage before → bake → gate → approval → window |
//! | `turns` | announce, start, move, try again: G2, G4, R2, caps (C1) |
//! | `share` | the stable hash behind shares and nights |
//!
//! A halted rollout (H1) only says so: nothing starts, nothing is announced, nothing moves.

mod board;
mod nights;
mod share;
mod stages;
mod standing;
mod turns;

use super::facts::RolloutFacts;
use super::plan::{Action, Plan};
use super::report::RolloutReport;
use super::state::{HaltCause, RolloutState};
use board::Board;
use chrono::{DateTime, Utc};
pub use stages::needs_approval;

/// Decides everything that one rollout does at `now`.
pub fn plan(facts: &RolloutFacts, now: DateTime<Utc>) -> Plan {
    let board = Board::new(facts, now);
    let stages = stages::review(&board);
    let mut actions = Vec::new();
    match facts.state {
        RolloutState::Running { .. } => {
            if let Some(cause) = halt_cause(facts, &stages) {
                actions.push(Action::Halt { cause });
            } else {
                actions.extend(stages.actions.iter().cloned());
                actions.extend(turns::take(&board, &stages));
                if actions.is_empty() && stages.over(&board) && board.all_settled() {
                    actions.push(Action::Complete);
                }
            }
        }
        RolloutState::Halted { .. } => actions.extend(turns::explain_halted(&board)),
        RolloutState::Draft | RolloutState::Completed { .. } => {}
    }
    let report =
        RolloutReport { stages: stages.reports, unplaced: board.unplaced_counts(), last_night: board.last_night() };
    Plan { actions, report, based_on: facts.generation }
}

fn halt_cause(facts: &RolloutFacts, stages: &stages::Review) -> Option<HaltCause> {
    let build = facts.build_halted.as_ref().map(|reason| HaltCause::Build { reason: reason.clone() });
    build.or_else(|| stages.failed.clone())
}
