//! Goes on with plans that are being worked out: what a reader's request did not reach of a large fleet.

use super::pace::Pace;
use crate::state::AppState;
use std::time::Duration;

/// While there is nothing to do. A reader who waits looks again after some seconds.
const PAUSE: Duration = Duration::from_secs(2);
/// Between two turns, so that other writers come in.
const BETWEEN: Duration = Duration::from_millis(50);

pub async fn run(state: AppState) {
    let mut pace = Pace::new("plans");
    loop {
        let outcome = state.services.work_on_plans().await;
        let pause = if matches!(outcome, Ok(true)) { BETWEEN } else { PAUSE };
        if !pace.wait(outcome.as_ref().map(drop), pause, &state.shutdown).await {
            return;
        }
    }
}
