//! Why an environment waits, as everybody is told: what its state says itself, what is written with its update, and what
//! holds for its rollout as a whole. A halt is not written into a million updates; it is added here, for pages, letters
//! and the API alike.

use super::report::EnvironmentReason;
use super::state::UpdateState;

pub fn reasons(
    state: &UpdateState,
    attempts: u8,
    written: &[EnvironmentReason],
    is_halted: bool,
) -> Vec<EnvironmentReason> {
    match state {
        UpdateState::Planned | UpdateState::Announced { .. } if is_halted => {
            let ahead = |reason: &&EnvironmentReason| {
                matches!(reason, EnvironmentReason::NightAhead { .. } | EnvironmentReason::NightNotChosen { .. })
            };
            let halted = EnvironmentReason::RolloutHalted;
            let others = written.iter().filter(|reason| !ahead(reason) && **reason != halted).cloned();
            others.chain([halted.clone()]).collect()
        }
        UpdateState::Planned
        | UpdateState::Announced { .. }
        | UpdateState::InProgress { .. }
        | UpdateState::Verifying { .. }
        | UpdateState::AlreadySatisfied { .. } => written.to_vec(),
        // What was written while it waited or ran is over.
        UpdateState::Succeeded { .. } => Vec::new(),
        UpdateState::Failed { .. } => {
            let last = state.failed_attempt();
            last.map(|last| EnvironmentReason::AttemptsUsed { attempts, last }).into_iter().collect()
        }
        UpdateState::Skipped { reason, .. } | UpdateState::Held { reason, .. } => vec![reason.clone()],
    }
}
