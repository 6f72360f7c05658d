//! Messages to customers, and who has read them. Not here: what a message says (`services`), and mail.

use crate::entity::notification::{Column, Entity, Model};
use crate::entity::notification_read as read;
use crate::row::{ROWS_PER_INSERT, Row, ms};
use crate::{Connection, Paged, Result};
use chrono::{DateTime, Utc};
use domain::ids::{CustomerId, EnvironmentId, NotificationId, RolloutId, UserId};
use domain::permission::TenantScope;
use domain::wire::notification::NotificationKind;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use std::collections::HashSet;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotification {
    pub id: NotificationId,
    pub customer: CustomerId,
    pub kind: NotificationKind,
    pub environment: Option<EnvironmentId>,
    pub rollout: Option<RolloutId>,
    pub payload: serde_json::Value,
    pub created_at: DateTime<Utc>,
    /// The same event, told again, has the same key.
    pub dedupe_key: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    pub id: NotificationId,
    pub customer: CustomerId,
    pub kind: NotificationKind,
    pub environment: Option<EnvironmentId>,
    pub rollout: Option<RolloutId>,
    pub payload: serde_json::Value,
    pub created_at: DateTime<Utc>,
    /// By the user who asks.
    pub read: bool,
}

fn to_notification(model: Model, read: &HashSet<uuid::Uuid>) -> Result<Notification> {
    let row = Row::new("notification", NotificationId::new(model.id));
    Ok(Notification {
        id: NotificationId::new(model.id),
        customer: CustomerId::new(model.customer_id),
        kind: row.word(&model.kind, NotificationKind::from_key)?,
        environment: model.environment_id.map(EnvironmentId::new),
        rollout: model.rollout_id.map(RolloutId::new),
        payload: model.payload,
        created_at: row.at(model.created_ms)?,
        read: read.contains(&model.id),
    })
}

fn scoped(scope: TenantScope) -> Select<Entity> {
    match scope {
        TenantScope::Customer(own) => Entity::find().filter(Column::CustomerId.eq(own.uuid())),
        TenantScope::AllCustomers => Entity::find(),
    }
}

/// `false` where this event was told already.
pub async fn insert(conn: &impl Connection, new: &NewNotification) -> Result<bool> {
    Ok(insert_many(conn, std::slice::from_ref(new)).await? == 1)
}

/// How many were not told before.
pub async fn insert_many(conn: &impl Connection, letters: &[NewNotification]) -> Result<u64> {
    let told = OnConflict::column(Column::DedupeKey).do_nothing().to_owned();
    let mut inserted = 0;
    for chunk in letters.chunks(ROWS_PER_INSERT) {
        let rows = chunk.iter().map(|new| to_model(new).into_active_model());
        inserted += Entity::insert_many(rows).on_conflict(told.clone()).exec_without_returning(conn).await?;
    }
    Ok(inserted)
}

fn to_model(new: &NewNotification) -> Model {
    Model {
        id: new.id.uuid(),
        customer_id: new.customer.uuid(),
        kind: new.kind.key().to_owned(),
        environment_id: new.environment.map(EnvironmentId::uuid),
        rollout_id: new.rollout.map(RolloutId::uuid),
        payload: new.payload.clone(),
        created_ms: ms(new.created_at),
        dedupe_key: new.dedupe_key.clone(),
    }
}

/// Newest first, after the notification `after`. No kind means every kind.
pub async fn list(
    conn: &impl Connection,
    customer: CustomerId,
    user: UserId,
    kinds: &[NotificationKind],
    after: Option<NotificationId>,
    limit: u64,
) -> Result<Paged<Notification>> {
    let own = scoped(TenantScope::Customer(customer));
    let mut select = own
        .clone()
        .filter(
            Condition::all()
                .add_option((!kinds.is_empty()).then(|| Column::Kind.is_in(kinds.iter().map(|kind| kind.key())))),
        )
        .order_by_desc(Column::CreatedMs)
        .order_by_desc(Column::Id)
        .limit(limit.saturating_add(1));
    if let Some(after) = after
        && let Some(last) = own.filter(Column::Id.eq(after.uuid())).one(conn).await?
    {
        let here = Expr::tuple([Expr::col(Column::CreatedMs), Expr::col(Column::Id)]);
        select = select.filter(here.lt(Expr::tuple([Expr::value(last.created_ms), Expr::value(last.id)])));
    }
    let page = Paged::cut(select.all(conn).await?, limit);
    let read = read_by(conn, user, page.rows.iter().map(|row| row.id)).await?;
    page.try_map(|model| to_notification(model, &read))
}

async fn read_by(
    conn: &impl Connection,
    user: UserId,
    ids: impl Iterator<Item = uuid::Uuid>,
) -> Result<HashSet<uuid::Uuid>> {
    let rows = read::Entity::find()
        .filter(read::Column::UserId.eq(user.uuid()))
        .filter(read::Column::NotificationId.is_in(ids))
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.notification_id).collect())
}

pub async fn find(
    conn: &impl Connection,
    scope: TenantScope,
    user: UserId,
    id: NotificationId,
) -> Result<Option<Notification>> {
    let Some(model) = scoped(scope).filter(Column::Id.eq(id.uuid())).one(conn).await? else {
        return Ok(None);
    };
    let read = read_by(conn, user, std::iter::once(model.id)).await?;
    to_notification(model, &read).map(Some)
}

fn unread(customer: CustomerId, user: UserId) -> Select<Entity> {
    let mine = Query::select()
        .expr(Expr::val(1))
        .from(read::Entity)
        .and_where(Expr::col((read::Entity, read::Column::NotificationId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((read::Entity, read::Column::UserId)).eq(user.uuid()))
        .take();
    scoped(TenantScope::Customer(customer)).filter(Expr::exists(mine).not())
}

pub async fn unread_count(conn: &impl Connection, customer: CustomerId, user: UserId) -> Result<u64> {
    Ok(unread(customer, user).count(conn).await?)
}

/// `false` where there is no such notification in this scope. Reading twice is no error; the first time stands.
pub async fn mark_read(
    conn: &impl Connection,
    scope: TenantScope,
    user: UserId,
    id: NotificationId,
    now: DateTime<Utc>,
) -> Result<bool> {
    if scoped(scope).filter(Column::Id.eq(id.uuid())).one(conn).await?.is_none() {
        return Ok(false);
    }
    note_read(conn, user, [id.uuid()], now).await?;
    Ok(true)
}

/// How many were unread.
pub async fn mark_all_read(
    conn: &impl Connection,
    customer: CustomerId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<u64> {
    let ids: Vec<uuid::Uuid> = unread(customer, user).select_only().column(Column::Id).into_tuple().all(conn).await?;
    let mut marked = 0;
    for chunk in ids.chunks(ROWS_PER_INSERT) {
        marked += note_read(conn, user, chunk.iter().copied(), now).await?;
    }
    Ok(marked)
}

async fn note_read(
    conn: &impl Connection,
    user: UserId,
    ids: impl IntoIterator<Item = uuid::Uuid>,
    now: DateTime<Utc>,
) -> Result<u64> {
    let rows = ids.into_iter().map(|notification_id| {
        read::Model { notification_id, user_id: user.uuid(), at_ms: ms(now) }.into_active_model()
    });
    let known = OnConflict::columns([read::Column::NotificationId, read::Column::UserId]).do_nothing().to_owned();
    Ok(read::Entity::insert_many(rows).on_conflict(known).exec_without_returning(conn).await?)
}
