//! Why an environment waits, as everybody is told: what its state says itself, what is written with its update, and what
//! holds for its rollout as a whole. A halt is not written into a million updates; it is added here, for pages, letters
//! and the API alike.

use super::halt::Halt;
use super::report::EnvironmentReason;
use super::state::{RolloutState, UpdateState};

/// Why a rollout as a whole does not move, where it does not: who or what halted it, and why.
pub fn standstill(state: &RolloutState, kill_switch: Option<&Halt>) -> Option<EnvironmentReason> {
    let all = kill_switch.map(Halt::sentence);
    let own = || match state {
        RolloutState::Halted { cause, .. } => Some(cause.sentence()),
        RolloutState::Draft | RolloutState::Running { .. } | RolloutState::Completed { .. } => None,
    };
    all.or_else(own).map(|why| EnvironmentReason::Halted { why })
}

/// `begun`: its order was taken. `halt` is why its rollout does not move, where it does not (see [`standstill`]).
pub fn reasons(
    state: &UpdateState,
    (attempts, begun): (u8, bool),
    written: &[EnvironmentReason],
    halt: Option<&EnvironmentReason>,
) -> Vec<EnvironmentReason> {
    match state {
        UpdateState::Planned | UpdateState::Announced { .. } => {
            halt.map_or_else(|| written.to_vec(), |halt| halted(written, halt))
        }
        // An agent comes for its order in its own time; it runs from then on, whatever was written when it was given.
        UpdateState::InProgress { started_at: since, .. } | UpdateState::Verifying { started_at: since, .. } => {
            let was_given = |reason: &&EnvironmentReason| !matches!(reason, EnvironmentReason::RunningNow { .. });
            let taken = begun || matches!(state, UpdateState::Verifying { .. });
            let (since, others) = (*since, written.iter().filter(was_given).cloned());
            let now = match halt {
                _ if taken => EnvironmentReason::RunningNow { since },
                // Whoever comes for it is refused.
                Some(halt) => halt.clone(),
                None => EnvironmentReason::OrderWaits { since },
            };
            others.chain([now]).collect()
        }
        UpdateState::AlreadySatisfied { .. } => written.to_vec(),
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

/// What was written but for the night that does not count meanwhile, and the halt, which says more than that there is one.
fn halted(written: &[EnvironmentReason], halt: &EnvironmentReason) -> Vec<EnvironmentReason> {
    let overtaken = |reason: &&EnvironmentReason| {
        use EnvironmentReason::{NightAhead, NightNotChosen, RolloutHalted};
        matches!(reason, NightAhead { .. } | NightNotChosen { .. } | RolloutHalted) || *reason == halt
    };
    let others = written.iter().filter(|reason| !overtaken(reason)).cloned();
    others.chain([halt.clone()]).collect()
}
