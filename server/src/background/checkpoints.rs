//! Copies what was committed into the SQLite file, beside the writer: a commit that has to do it waits for the disk, and every
//! tick, request and halt behind it.

use super::pace::Pace;
use crate::state::AppState;
use std::time::Duration;

/// What is written in one second in the busiest nights takes a few seconds to copy; with nothing to copy it costs nothing.
const PERIOD: Duration = Duration::from_secs(1);

pub async fn run(state: AppState) {
    let mut pace = Pace::new("checkpoints");
    loop {
        let outcome = state.db.checkpoint().await;
        if !pace.wait(outcome.as_ref().map(drop), PERIOD, &state.shutdown).await {
            return;
        }
    }
}
