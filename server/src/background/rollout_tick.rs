//! Plans every running rollout and moves its updates, again and again. In a demo its listening system speaks first: a tick
//! then finds the hour that has just ended, and sums it up once, at whatever speed the clock runs.

use super::pace::Pace;
use crate::state::AppState;
use services::demo::SimulatedListening;
use services::engine::TickOutcome;
use std::time::Duration;

/// Rules are about hours; a second is soon enough for a person who watches.
const PAUSE: Duration = Duration::from_secs(1);
/// A demo clock that runs fast waits for the engine, and so does who starts a rollout over a whole fleet; this much is left
/// for everybody else.
const PAUSE_MIN: Duration = Duration::from_millis(10);

/// Names this process in the lease, so that an operator sees who works. A database file belongs to one process, so there
/// the process that follows a killed one has its name, and need not wait for its lease to lapse.
fn owner(state: &AppState) -> String {
    if state.services.db().is_postgres() {
        format!("{}-{}", std::process::id(), state.ids.uuid().simple())
    } else {
        "the process of this file".to_owned()
    }
}

pub async fn run(state: AppState, mut listening: Option<SimulatedListening>) {
    let owner = owner(&state);
    let mut pace = Pace::new("rollout tick");
    // A tick that did what the one before did, mostly nothing, is not worth a line.
    let mut last = TickOutcome::default();
    loop {
        // The hours that could not be said are said the next time.
        if let Some(listening) = &mut listening
            && let Err(error) = listening.speak(&state.services).await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "the demo's listening system was not heard");
        }
        let outcome = state.services.engine_tick(&owner).await;
        if let Ok(outcome) = outcome
            && outcome != last
        {
            tracing::debug!(?outcome, "ticked");
            last = outcome;
        }
        let usual = state.services.demo().map_or(PAUSE, |clock| clock.tick_pause().max(PAUSE_MIN));
        let pause = if outcome.as_ref().is_ok_and(|outcome| outcome.unfinished) { PAUSE_MIN } else { usual };
        if !pace.wait(outcome.as_ref().map(drop), pause, &state.shutdown).await {
            break;
        }
    }
    if let Err(error) = state.services.engine_resign(&owner).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "the lease was not given up; it lapses by itself");
    }
}
