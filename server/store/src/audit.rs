//! The audit chain: each event carries the hash of the one before. Nothing here updates or deletes.
//!
//! A chain shows that nothing was changed or taken out of its middle; that nothing was cut off its end is shown by
//! comparing [`Verified::head`] with a copy kept elsewhere.

use crate::entity::audit_event::{Column, Entity, Model};
use crate::row::{ROWS_PER_INSERT, Row, ms};
use crate::{Connection, Paged, Result, dialect};
use chrono::{DateTime, Utc};
use domain::ids::{AuditId, CustomerId};
use sea_orm::sea_query::{Expr, Func, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What the first event names as its predecessor.
const GENESIS: [u8; 32] = [0; 32];
/// Events read at once while the chain is verified.
const VERIFY_ROWS: u64 = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    Person,
    System,
    Agent,
}

impl ActorKind {
    pub const fn key(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::System => "system",
            Self::Agent => "agent",
        }
    }

    fn from_key(key: &str) -> Option<Self> {
        [Self::Person, Self::System, Self::Agent].into_iter().find(|kind| kind.key() == key)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditActor {
    pub kind: ActorKind,
    pub id: Option<String>,
    pub name: String,
}

/// What it was done to: `rollout`, `rol_…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditObject {
    pub kind: String,
    pub id: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAudit {
    pub id: AuditId,
    pub at: DateTime<Utc>,
    pub actor: AuditActor,
    /// `rollout.start`
    pub action: String,
    pub object: AuditObject,
    pub customer: Option<CustomerId>,
    pub details: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    pub seq: i64,
    pub id: AuditId,
    pub at: DateTime<Utc>,
    pub actor: AuditActor,
    pub action: String,
    pub object: AuditObject,
    pub customer: Option<CustomerId>,
    pub details: Value,
    pub hash: [u8; 32],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Events that were read.
    pub events: u64,
    /// The first event whose place, predecessor or hash is wrong.
    pub first_broken: Option<i64>,
    /// Hash of the last event before that.
    pub head: [u8; 32],
}

pub async fn append(conn: &impl Connection, event: &NewAudit) -> Result<()> {
    append_many(conn, std::slice::from_ref(event)).await
}

/// Appends to the end of the chain, in this order. Other appenders wait until this transaction ends.
pub async fn append_many(conn: &impl Connection, events: &[NewAudit]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    dialect::lock_appends(conn).await?;
    let last = Entity::find().order_by_desc(Column::Seq).one(conn).await?;
    let (mut seq, mut prev_hash) = last.map_or((0, GENESIS.to_vec()), |last| (last.seq, last.hash));
    let mut rows = Vec::with_capacity(events.len());
    for new in events {
        seq += 1;
        let model = linked(new, seq, std::mem::take(&mut prev_hash));
        prev_hash.clone_from(&model.hash);
        rows.push(model.into_active_model());
    }
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        Entity::insert_many(chunk.iter().cloned()).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// The place of the last event that a plan may have to know of and that is not of one environment alone, 0 where there is
/// none. In exactly the words of the partial index.
pub(crate) fn last_stir() -> SelectStatement {
    let stirs = Query::select()
        .column(Column::Seq)
        .from(Entity)
        .and_where(Expr::cust(
            "object_kind <> 'environment' and action not in ('user.signed_in', 'user.sign_in_failed')",
        ))
        .order_by(Column::Seq, Order::Desc)
        .limit(1)
        .take();
    Query::select().expr(Func::coalesce([Expr::from(stirs), Expr::value(0_i64)])).take()
}

/// The event at its place in the chain.
fn linked(new: &NewAudit, seq: i64, prev_hash: Vec<u8>) -> Model {
    let mut model = Model {
        seq,
        id: new.id.uuid(),
        at_ms: ms(new.at),
        actor_kind: new.actor.kind.key().to_owned(),
        actor_id: new.actor.id.clone(),
        actor_name: new.actor.name.clone(),
        action: new.action.clone(),
        object_kind: new.object.kind.clone(),
        object_id: new.object.id.clone(),
        customer_id: new.customer.map(CustomerId::uuid),
        // Keys of a `Value` are sorted, so this text is the only one for these details.
        details: new.details.to_string(),
        prev_hash,
        hash: Vec::new(),
    };
    model.hash = hash(&model).to_vec();
    model
}

/// Over one JSON list of every column but the hash itself, in the order of the table.
fn hash(model: &Model) -> [u8; 32] {
    let canonical = json!([
        model.seq,
        model.id,
        model.at_ms,
        model.actor_kind,
        model.actor_id,
        model.actor_name,
        model.action,
        model.object_kind,
        model.object_id,
        model.customer_id,
        model.details,
        model.prev_hash,
    ]);
    Sha256::digest(canonical.to_string()).into()
}

pub(crate) fn to_event(model: Model) -> Result<AuditEvent> {
    let row = Row::new("audit_event", model.seq);
    Ok(AuditEvent {
        seq: model.seq,
        id: AuditId::new(model.id),
        at: row.at(model.at_ms)?,
        actor: AuditActor {
            kind: row.word(&model.actor_kind, ActorKind::from_key)?,
            id: model.actor_id,
            name: model.actor_name,
        },
        action: model.action,
        object: AuditObject { kind: model.object_kind, id: model.object_id },
        customer: model.customer_id.map(CustomerId::new),
        details: row.parse(&model.details)?,
        hash: row.hash(model.hash)?,
    })
}

/// Reads the whole chain. Stops at the first event that is wrong.
pub async fn verify(conn: &impl Connection) -> Result<Verified> {
    let mut state = Verified { events: 0, first_broken: None, head: GENESIS };
    let mut seq = 0;
    loop {
        let next = Entity::find().filter(Column::Seq.gt(seq)).order_by_asc(Column::Seq).limit(VERIFY_ROWS);
        let rows = next.all(conn).await?;
        if rows.is_empty() {
            return Ok(state);
        }
        for row in rows {
            state.events += 1;
            let expected = hash(&row);
            if row.seq != seq + 1 || row.prev_hash != state.head || row.hash != expected {
                state.first_broken = Some(row.seq);
                return Ok(state);
            }
            (seq, state.head) = (row.seq, expected);
        }
    }
}

/// Newest first, before the event `before`.
pub async fn list(conn: &impl Connection, before: Option<i64>, limit: u64) -> Result<Paged<AuditEvent>> {
    page(conn, Condition::all(), before, limit).await
}

/// What was done to one object, newest first.
pub async fn of_object(
    conn: &impl Connection,
    object: &AuditObject,
    before: Option<i64>,
    limit: u64,
) -> Result<Paged<AuditEvent>> {
    let own = Condition::all().add(Column::ObjectKind.eq(&object.kind)).add(Column::ObjectId.eq(&object.id));
    page(conn, own, before, limit).await
}

async fn page(conn: &impl Connection, of: Condition, before: Option<i64>, limit: u64) -> Result<Paged<AuditEvent>> {
    let rows = Entity::find()
        .filter(of.add_option(before.map(|seq| Column::Seq.lt(seq))))
        .order_by_desc(Column::Seq)
        .limit(limit.saturating_add(1));
    Paged::cut(rows.all(conn).await?, limit).try_map(to_event)
}
