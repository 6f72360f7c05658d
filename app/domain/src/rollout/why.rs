//! Why an environment waits, as everybody is told: what its state says itself, what is written with its update, and what
//! holds for its rollout as a whole. A halt is not written into a million updates; it is added here, for pages, letters
//! and the API alike.

use super::halt::Halt;
use super::report::EnvironmentReason;
use super::state::{RolloutState, UpdateState};

/// Why a rollout as a whole does not move, where it does not.
pub fn standstill(state: &RolloutState, kill_switch: Option<&Halt>) -> Option<EnvironmentReason> {
    let all = kill_switch.map(|halt| EnvironmentReason::Halted { why: halt.sentence() });
    all.or_else(|| state.is_halted().then_some(EnvironmentReason::RolloutHalted))
}

/// `halt` is why its rollout does not move, where it does not (see [`standstill`]).
pub fn reasons(
    state: &UpdateState,
    attempts: u8,
    written: &[EnvironmentReason],
    halt: Option<&EnvironmentReason>,
) -> Vec<EnvironmentReason> {
    match state {
        UpdateState::Planned | UpdateState::Announced { .. } => {
            halt.map_or_else(|| written.to_vec(), |halt| halted(written, halt))
        }
        UpdateState::InProgress { .. } | UpdateState::Verifying { .. } | UpdateState::AlreadySatisfied { .. } => {
            written.to_vec()
        }
        // What was written while it waited or ran is over.
        UpdateState::Succeeded { .. } => Vec::new(),
        UpdateState::Failed { .. } => {
            let last = state.failed_attempt().map(|last| EnvironmentReason::AttemptsUsed { attempts, last });
            // Written since: no other night is promised.
            let build = written.iter().filter(|reason| matches!(reason, EnvironmentReason::BuildNotApproved { .. }));
            last.into_iter().chain(build.cloned()).collect()
        }
        // With the other rules, where they were written for this very state.
        UpdateState::Skipped { reason, .. } | UpdateState::Held { reason, .. } => match written {
            [first, ..] if first == reason => written.to_vec(),
            _ => vec![reason.clone()],
        },
    }
}

/// What was written but for the night that does not count meanwhile, and the halt.
fn halted(written: &[EnvironmentReason], halt: &EnvironmentReason) -> Vec<EnvironmentReason> {
    let ahead = |reason: &&EnvironmentReason| {
        matches!(reason, EnvironmentReason::NightAhead { .. } | EnvironmentReason::NightNotChosen { .. })
    };
    let others = written.iter().filter(|reason| !ahead(reason) && *reason != halt).cloned();
    others.chain([halt.clone()]).collect()
}
