//! What staff see of rollouts: the list, one as a line of stages, and its environments. Made from the stored report of
//! the planner and the audit chain; nothing is worked out here that the planner did not say.
//! Not here: what people do to a rollout (`rollout`).

mod actions;
mod approvals;
mod environments;
mod halts;
mod list;
mod plan;
mod show;
mod stages;
mod timeline;

use domain::rollout::RolloutState;
use domain::wire::signal::{Aspect, ColourRole};

/// How the state of a whole rollout is signalled.
const fn signal(state: &RolloutState) -> (Aspect, ColourRole) {
    match state {
        RolloutState::Draft => (Aspect::Unlit, ColourRole::Quiet),
        RolloutState::Running { .. } => (Aspect::Caution, ColourRole::Live),
        RolloutState::Halted { .. } => (Aspect::Stop, ColourRole::Stop),
        RolloutState::Completed { .. } => (Aspect::Clear, ColourRole::Clear),
    }
}
