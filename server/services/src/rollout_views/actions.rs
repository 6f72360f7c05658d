//! What this person may do to a rollout now. A button exists only where the service would accept it.

use domain::permission::{Actor, Permission};
use domain::rollout::{RolloutState, StageCounts};
use domain::wire::rollout::{BuildActions, RolloutActions};
use store::build::Build;

/// `is_approved`: the build may be offered.
pub(super) fn actions(
    state: &RolloutState,
    (build, is_approved): (&Build, bool),
    counts: StageCounts,
    actor: &Actor,
) -> RolloutActions {
    let may_start = matches!(state, RolloutState::Draft) && build.halted.is_none() && is_approved;
    let is_over = matches!(state, RolloutState::Completed { .. });
    RolloutActions {
        start: may_start && actor.may(Permission::StartRollout),
        halt: matches!(state, RolloutState::Running { .. }) && actor.may(Permission::HaltRollout),
        resume: state.is_halted() && actor.may(Permission::ResumeRollout),
        of_build: BuildActions {
            approve: !is_approved && !is_over && actor.may(Permission::ApprovePromotion),
            withdraw: build.withdrawn.is_none() && !is_over && actor.may(Permission::HaltRollout),
        },
        still_to_start: counts.planned + counts.announced,
    }
}
