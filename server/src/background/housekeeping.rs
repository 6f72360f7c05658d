//! Throws away what nobody can need any more: sessions that have ended, old tries to sign in, events that were sent, old
//! reports of agents, hours that no gate looks at.

use super::pace::Pace;
use crate::state::AppState;
use chrono::TimeDelta;
use domain::health::Hour;
use domain::health::telemetry::SAMPLE_AGE_MAX;
use std::pin::Pin;
use std::time::Duration;

const PERIOD: Duration = Duration::from_mins(10);
/// A try to sign in counts for an hour at most.
const THROTTLE_KEPT: TimeDelta = TimeDelta::hours(24);
/// Events are kept by number, not by age: a demo day may last ten seconds. A page that slept through more loads again.
const EVENTS_KEPT: i64 = 20_000;
/// Marked at once, so that no transaction gets long.
const EVENTS_AT_ONCE: u64 = 1_000;
/// A report that comes again within this time gets its first answer again; later it is one of an attempt that is long over,
/// and older than the newest word on what runs, and so moves nothing (`domain::agent::hear`). An attempt of which nothing
/// is heard for six hours has failed, so that no report of a running one is ever forgotten.
const REPORTS_KEPT: TimeDelta = TimeDelta::days(60);
/// Rows deleted in one transaction, and transactions in one turn: what is left waits for the next, so that a long backlog
/// does not keep writers waiting.
const ROWS_AT_ONCE: u64 = 2_000;
const TURNS_MAX: u32 = 100;

pub async fn run(state: AppState) {
    let mut pace = Pace::new("housekeeping");
    loop {
        let outcome = tidy(&state).await;
        if !pace.wait(outcome.as_ref().map(drop), PERIOD, &state.shutdown).await {
            return;
        }
    }
}

async fn tidy(state: &AppState) -> Result<(), store::Error> {
    state.sign_in_limit.forget_old();
    state.token_limit.forget_old();
    // Sessions and tries to sign in live by real time, events by the time of the system.
    let now = state.session_clock.now();
    let tx = state.db.begin().await?;
    let sessions = store::session::delete_expired(&tx, now).await?;
    let tries = store::throttle::prune(&tx, now - THROTTLE_KEPT).await?;
    tx.commit().await?;
    let events = forget_events(state).await?;
    let old = state.services.now() - REPORTS_KEPT;
    let reports = forget(state, |tx| Box::pin(store::agent::prune(tx, old, ROWS_AT_ONCE))).await?;
    // What is too old to be sent is too old to be looked at.
    let old = Hour::of(state.services.now() - SAMPLE_AGE_MAX);
    let hours = forget(state, |tx| Box::pin(store::telemetry::prune(tx, old, ROWS_AT_ONCE))).await?;
    if sessions + tries + events + reports + hours > 0 {
        tracing::debug!(sessions, tries, events, reports, hours, "tidied up");
    }
    Ok(())
}

type Pruned<'a> = Pin<Box<dyn Future<Output = Result<u64, store::Error>> + Send + 'a>>;

/// Deletes some rows in a transaction of their own, until fewer come.
async fn forget(state: &AppState, prune: impl Fn(&store::Tx) -> Pruned<'_>) -> Result<u64, store::Error> {
    let mut forgotten = 0;
    for _ in 0..TURNS_MAX {
        let tx = state.db.begin().await?;
        let rows = prune(&tx).await?;
        tx.commit().await?;
        forgotten += rows;
        if rows < ROWS_AT_ONCE {
            break;
        }
    }
    Ok(forgotten)
}

async fn forget_events(state: &AppState) -> Result<u64, store::Error> {
    let last = store::outbox::latest_seq(state.db.reader()).await? - EVENTS_KEPT;
    let mut forgotten = 0;
    loop {
        let tx = state.db.begin().await?;
        let old = store::outbox::unhandled(&tx, EVENTS_AT_ONCE).await?;
        let old: Vec<i64> = old.iter().map(|row| row.seq).filter(|seq| *seq <= last).collect();
        if old.is_empty() {
            return Ok(forgotten);
        }
        let now = state.services.now();
        store::outbox::mark_handled(&tx, &old, now).await?;
        forgotten += store::outbox::prune(&tx, now + TimeDelta::milliseconds(1)).await?;
        tx.commit().await?;
    }
}
