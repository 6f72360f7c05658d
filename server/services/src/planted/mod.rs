//! Mistakes that are built in on purpose, to see that the simulator finds them. Only under the feature `planted`, which
//! nothing but the simulator's tests turns on, and inert until a test names one for its own thread. Without the feature
//! `none` stands here.
//!
//! | file | mistakes of |
//! |---|---|
//! | `facts` | a planner that does not look at something: it is planned on facts without it |
//! | `plans` | a planner that decides wrongly: its plan is changed before it is applied |
//! | `ways` | emergency paths and recoveries: who approved, what is shortened, what can be undone |
//! | here | executor, dispatch, letters, what is heard from deployers |
//!
//! The rest are single questions `planted::is("…")` where the right thing would be done. Not here: what finds them
//! (`simulation`).

mod facts;
mod plans;
mod ways;

use crate::ports::{DeployError, Progress, UpdateOrder};
use crate::{Result, Services};
use chrono::{DateTime, TimeDelta, Utc};
use domain::notification::NotificationEvent;
use domain::release::BuildVersion;
use domain::rollout::RolloutFacts;
use store::rollout::Reach;

pub use facts::facts;
pub use plans::plan;
pub use store::planted::{MISTAKES, active, is, plant};
pub use ways::{approved, approved_by_anybody, record};

/// Who ignores a halt has to see more than the store gives of a rollout that stands.
pub fn reach(reach: Reach<'_>) -> Reach<'_> {
    if is("halt-ignored") { Reach::Everyone } else { reach }
}

/// What a start adds to the attempts.
pub fn attempts(more: u8) -> u8 {
    if is("attempt-not-counted") { 0 } else { more }
}

/// An order as it leaves the house.
pub fn order(mut order: UpdateOrder) -> UpdateOrder {
    match active() {
        Some("order-for-lower-build") => {
            let [major, minor, number, revision] = order.build.parts();
            order.build = BuildVersion::new([major, minor, number, revision.saturating_sub(1)]);
        }
        Some("order-for-another-night") => order.night.start -= TimeDelta::minutes(30),
        _ => {}
    }
    order
}

/// What a deployer said.
pub fn heard(heard: Result<Progress, DeployError>) -> Result<Progress, DeployError> {
    match (active(), heard) {
        (Some("failure-taken-for-success"), Ok(Progress::Failed { .. }))
        | (Some("applied-taken-for-healthy"), Ok(Progress::Applied)) => Ok(Progress::Healthy),
        (_, heard) => heard,
    }
}

/// A letter that is not written.
pub fn omits(event: &NotificationEvent) -> bool {
    match active() {
        Some("move-not-announced") => matches!(event, NotificationEvent::Moved { .. }),
        Some("delivery-not-told") => matches!(event, NotificationEvent::Delivered { .. }),
        Some("place-not-told") => matches!(event, NotificationEvent::Scheduled { .. }),
        _ => false,
    }
}

/// What is done outside the transaction of a plan, before it.
pub async fn before_commit(services: &Services, facts: &RolloutFacts, now: DateTime<Utc>) -> Result<()> {
    if is("resumes-by-itself")
        && let Ok(state) = facts.state.clone().resume(now)
    {
        let tx = services.db().begin().await?;
        store::rollout::set_state(&tx, facts.rollout, &state).await?;
        tx.commit().await?;
    }
    Ok(())
}
