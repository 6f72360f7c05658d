//! Signed-in browsers, as plain functions over the hash of the cookie's value. The trait of the session library is
//! implemented in `server`. Only ids and flags belong into `data`: permissions are read for each request.

use crate::entity::session::{Column, Entity, Model};
use crate::row::{Row, ms};
use crate::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::ids::UserId;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select, Value};

#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the cookie's value.
    pub id_hash: [u8; 32],
    pub user: Option<UserId>,
    pub data: serde_json::Value,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("user", &self.user)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

fn to_row(session: &Session) -> Model {
    Model {
        id_hash: session.id_hash.to_vec(),
        user_id: session.user.map(UserId::uuid),
        data: session.data.to_string(),
        created_ms: ms(session.created_at),
        last_seen_ms: ms(session.last_seen_at),
        expires_ms: ms(session.expires_at),
        ip: session.ip.clone(),
        user_agent: session.user_agent.clone(),
    }
}

fn to_session(model: Model) -> Result<Session> {
    // No part of the id goes into an error text.
    let row = Row::new("session", format!("created {}", model.created_ms));
    Ok(Session {
        id_hash: row.hash(model.id_hash)?,
        user: model.user_id.map(UserId::new),
        data: row.parse(&model.data)?,
        created_at: row.at(model.created_ms)?,
        last_seen_at: row.at(model.last_seen_ms)?,
        expires_at: row.at(model.expires_ms)?,
        ip: model.ip,
        user_agent: model.user_agent,
    })
}

/// Conflict where the id exists: a new session never takes over another one.
pub async fn create(conn: &impl Connection, session: &Session) -> Result<()> {
    Entity::insert(to_row(session).into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// `false` where it was deleted meanwhile: a slow request does not bring a signed-out session back.
pub async fn save(conn: &impl Connection, session: &Session) -> Result<bool> {
    let mut columns = to_row(session).into_active_model().reset_all();
    // Who it is stays; and when it was made.
    columns.id_hash = sea_orm::NotSet;
    columns.created_ms = sea_orm::NotSet;
    let own = Column::IdHash.eq(session.id_hash.to_vec());
    Ok(Entity::update_many().set(columns).filter(own).exec(conn).await?.rows_affected == 1)
}

fn live(now: DateTime<Utc>) -> Select<Entity> {
    Entity::find().filter(Column::ExpiresMs.gt(ms(now)))
}

pub async fn load(conn: &impl Connection, id_hash: &[u8; 32], now: DateTime<Utc>) -> Result<Option<Session>> {
    live(now).filter(Column::IdHash.eq(id_hash.to_vec())).one(conn).await?.map(to_session).transpose()
}

pub async fn delete(conn: &impl Connection, id_hash: &[u8; 32]) -> Result<bool> {
    Ok(Entity::delete_many().filter(Column::IdHash.eq(id_hash.to_vec())).exec(conn).await?.rows_affected == 1)
}

/// Seen now, alive until `expires_at`. `false` where there is none.
pub async fn touch(
    conn: &impl Connection,
    id_hash: &[u8; 32],
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<bool> {
    let changed = Entity::update_many()
        .col_expr(Column::LastSeenMs, Expr::value(Value::from(ms(now))))
        .col_expr(Column::ExpiresMs, Expr::value(Value::from(ms(expires_at))))
        .filter(Column::IdHash.eq(id_hash.to_vec()))
        .exec(conn)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Last seen first.
pub async fn list_of_user(conn: &impl Connection, user: UserId, now: DateTime<Utc>) -> Result<Vec<Session>> {
    let own = live(now).filter(Column::UserId.eq(user.uuid())).order_by_desc(Column::LastSeenMs);
    own.all(conn).await?.into_iter().map(to_session).collect()
}

/// Signs the user out everywhere but here.
pub async fn delete_others(conn: &impl Connection, user: UserId, keep: &[u8; 32]) -> Result<u64> {
    let others = Entity::delete_many().filter(Column::UserId.eq(user.uuid())).filter(Column::IdHash.ne(keep.to_vec()));
    Ok(others.exec(conn).await?.rows_affected)
}

/// Signs the user out everywhere.
pub async fn delete_of_user(conn: &impl Connection, user: UserId) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::UserId.eq(user.uuid())).exec(conn).await?.rows_affected)
}

pub async fn delete_expired(conn: &impl Connection, now: DateTime<Utc>) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::ExpiresMs.lte(ms(now))).exec(conn).await?.rows_affected)
}
