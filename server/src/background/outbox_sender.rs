//! Sends committed events on to the open pages of this process. Poked after each change made here; the period is for
//! changes of another server.

use super::pace::Pace;
use crate::state::AppState;
use std::time::Duration;

const PERIOD: Duration = Duration::from_millis(500);

pub async fn run(state: AppState) {
    let mut pace = Pace::new("outbox sender");
    loop {
        let outcome = state.services.relay_events().await;
        let wait = pace.after(outcome.as_ref().map(drop), PERIOD);
        let poked = async {
            if wait > PERIOD {
                // It just failed: a poke does not make it better.
                tokio::time::sleep(wait).await;
            } else {
                let _ = tokio::time::timeout(wait, state.services.events().poked()).await;
            }
        };
        if state.shutdown.run_until_cancelled(poked).await.is_none() {
            return;
        }
    }
}
