//! What a command does is audited like anything else, at real time: no services stand yet, whose clock it could go by.

use anyhow::Context;
use services::ports::{Clock, OsIds, SystemClock};
use services::trail::{By, Deed, append};
use std::sync::Arc;
use store::Connection;

pub async fn note(tx: &impl Connection, deed: Deed) -> anyhow::Result<()> {
    let ids = OsIds::new(Arc::new(SystemClock));
    let by = By::System("command line");
    append(tx, &ids, by, SystemClock.now(), deed).await.context("the audit event could not be written")
}
