//! What a command does is audited like anything else.

use anyhow::Context;
use domain::ids::{AuditId, CustomerId};
use serde_json::Value;
use services::ports::{Clock, Ids, OsIds, SystemClock};
use std::sync::Arc;
use store::Connection;
use store::audit::{ActorKind, AuditActor, AuditObject, NewAudit};

pub async fn note(
    tx: &impl Connection,
    action: &str,
    (kind, id): (&str, &str),
    customer: Option<CustomerId>,
    details: Value,
) -> anyhow::Result<()> {
    let event = NewAudit {
        id: AuditId::new(OsIds::new(Arc::new(SystemClock)).uuid()),
        at: SystemClock.now(),
        actor: AuditActor { kind: ActorKind::System, id: None, name: "command line".to_owned() },
        action: action.to_owned(),
        object: AuditObject { kind: kind.to_owned(), id: id.to_owned() },
        customer,
        details,
    };
    store::audit::append(tx, &event).await.context("the audit event could not be written")?;
    Ok(())
}
