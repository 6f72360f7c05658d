//! What others must hear of, written in the transaction of the change. Sequence order is commit order, so a follower
//! who has seen a number has seen every number before it, whichever server wrote it.

use crate::entity::outbox::{ActiveModel, Column, Entity, Model};
use crate::row::{IDS_PER_QUERY, ROWS_PER_INSERT, Row, ms};
use crate::{Connection, Result, dialect};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, Value};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub topic: String,
    pub key: String,
    pub payload: serde_json::Value,
    pub handled_at: Option<DateTime<Utc>>,
}

fn to_row(model: Model) -> Result<OutboxRow> {
    let row = Row::new("outbox", model.seq);
    Ok(OutboxRow {
        seq: model.seq,
        at: row.at(model.at_ms)?,
        topic: model.topic,
        key: model.key,
        payload: model.payload,
        handled_at: row.at_opt(model.handled_ms)?,
    })
}

pub async fn append(
    conn: &impl Connection,
    topic: &str,
    key: &str,
    payload: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<i64> {
    dialect::lock_appends(conn).await?;
    let row = new_row(topic, key.to_owned(), payload.clone(), now);
    Ok(Entity::insert(row).exec(conn).await?.last_insert_id)
}

/// Several of one topic, each `(key, payload)`, in this order.
pub async fn append_many(
    conn: &impl Connection,
    topic: &str,
    events: Vec<(String, serde_json::Value)>,
    now: DateTime<Utc>,
) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    dialect::lock_appends(conn).await?;
    let rows: Vec<ActiveModel> = events.into_iter().map(|(key, payload)| new_row(topic, key, payload, now)).collect();
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        Entity::insert_many(chunk.iter().cloned()).exec_without_returning(conn).await?;
    }
    Ok(())
}

fn new_row(topic: &str, key: String, payload: serde_json::Value, now: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        at_ms: Set(ms(now)),
        topic: Set(topic.to_owned()),
        key: Set(key),
        payload: Set(payload),
        handled_ms: Set(None),
        ..Default::default()
    }
}

/// Rows after `seq`, oldest first.
pub async fn after(conn: &impl Connection, seq: i64, limit: u64) -> Result<Vec<OutboxRow>> {
    let next = Entity::find().filter(Column::Seq.gt(seq)).order_by_asc(Column::Seq).limit(limit);
    next.all(conn).await?.into_iter().map(to_row).collect()
}

/// Rows nobody has handled, oldest first.
pub async fn unhandled(conn: &impl Connection, limit: u64) -> Result<Vec<OutboxRow>> {
    let open = Entity::find().filter(Column::HandledMs.is_null()).order_by_asc(Column::Seq).limit(limit);
    open.all(conn).await?.into_iter().map(to_row).collect()
}

/// 0 where nothing was written yet.
pub async fn latest_seq(conn: &impl Connection) -> Result<i64> {
    Ok(Entity::find().order_by_desc(Column::Seq).one(conn).await?.map_or(0, |row| row.seq))
}

pub async fn mark_handled(conn: &impl Connection, seqs: &[i64], now: DateTime<Utc>) -> Result<()> {
    for chunk in seqs.chunks(IDS_PER_QUERY) {
        Entity::update_many()
            .col_expr(Column::HandledMs, Expr::value(Value::from(ms(now))))
            .filter(Column::Seq.is_in(chunk.iter().copied()))
            .filter(Column::HandledMs.is_null())
            .exec(conn)
            .await?;
    }
    Ok(())
}

/// Drops rows that were written before `before` and handled.
pub async fn prune(conn: &impl Connection, before: DateTime<Utc>) -> Result<u64> {
    let old = Entity::delete_many().filter(Column::AtMs.lt(ms(before))).filter(Column::HandledMs.is_not_null());
    Ok(old.exec(conn).await?.rows_affected)
}
