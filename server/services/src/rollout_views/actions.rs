//! What this person may do to a rollout now. A button exists only where the service would accept it.

use domain::permission::{Actor, Permission};
use domain::rollout::{RolloutState, StageCounts};
use domain::wire::rollout::RolloutActions;

pub(super) const fn actions(
    state: &RolloutState,
    build_is_halted: bool,
    counts: StageCounts,
    actor: &Actor,
) -> RolloutActions {
    RolloutActions {
        start: matches!(state, RolloutState::Draft) && !build_is_halted && actor.may(Permission::StartRollout),
        halt: matches!(state, RolloutState::Running { .. }) && actor.may(Permission::HaltRollout),
        resume: state.is_halted() && actor.may(Permission::ResumeRollout),
        still_to_start: counts.planned + counts.announced,
    }
}
