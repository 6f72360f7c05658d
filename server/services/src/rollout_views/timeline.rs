//! What happened to a rollout, newest first, told from the audit chain.

use crate::Result;
use crate::trail::{ROLLOUT, RolloutEvent};
use crate::zone::ZoneClockface;
use domain::ids::RolloutId;
use domain::wire::rollout::TimelineRow;
use store::Connection;
use store::audit::{ActorKind, AuditEvent, AuditObject};

/// Starts, approvals and stages of one rollout are a few dozen.
const EVENTS_MAX: u64 = 100;

pub(super) async fn rows(conn: &impl Connection, rollout: RolloutId, clock: ZoneClockface) -> Result<Vec<TimelineRow>> {
    let object = AuditObject { kind: ROLLOUT.to_owned(), id: rollout.to_string() };
    let page = store::audit::of_object(conn, &object, None, EVENTS_MAX).await?;
    Ok(page.rows.iter().filter_map(|event| row(event, clock)).collect())
}

/// `None` for what a later version of this service wrote and this one does not know.
fn row(event: &AuditEvent, clock: ZoneClockface) -> Option<TimelineRow> {
    let known: RolloutEvent = serde_json::from_value(event.details.clone()).ok()?;
    let by = (event.actor.kind == ActorKind::Person).then_some(event.actor.name.as_str());
    Some(TimelineRow { at: clock.when(event.at, None), text: known.sentence(by) })
}
