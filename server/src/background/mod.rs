//! Work that nobody waits for. Every job is a loop around one call that can be repeated at any time: it takes no input,
//! finds by itself what there is to do, and a second server may run the same loop. What the call does is in `services`.

mod checkpoints;
mod housekeeping;
mod outbox_sender;
mod pace;
mod plans;
mod rollout_tick;

use crate::state::AppState;
use services::demo::SimulatedListening;
use tokio_util::task::TaskTracker;

/// Starts every job; `listening` speaks in a demo only. They end when `state.shutdown` is cancelled; wait for the tracker then.
pub fn start(state: &AppState, listening: Option<SimulatedListening>) -> TaskTracker {
    let tracker = TaskTracker::new();
    tracker.spawn(rollout_tick::run(state.clone(), listening));
    tracker.spawn(outbox_sender::run(state.clone()));
    tracker.spawn(plans::run(state.clone()));
    tracker.spawn(checkpoints::run(state.clone()));
    tracker.spawn(housekeeping::run(state.clone()));
    tracker.close();
    tracker
}
