//! Failed sign-ins, counted per hash of an address or of a network. Not here: how many are too many (`services`).

use crate::entity::sign_in_throttle::{Column, Entity, Model};
use crate::row::{Row, ms};
use crate::{Connection, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// Since `window_start`.
    pub failures: u32,
    pub window_start: DateTime<Utc>,
    pub blocked_until: Option<DateTime<Utc>>,
}

fn to_throttle(model: &Model) -> Result<Throttle> {
    let row = Row::new("sign_in_throttle", model.window_start_ms);
    Ok(Throttle {
        failures: row.number(model.failures)?,
        window_start: row.at(model.window_start_ms)?,
        blocked_until: row.at_opt(model.blocked_until_ms)?,
    })
}

pub async fn load(conn: &impl Connection, key: &[u8; 32]) -> Result<Option<Throttle>> {
    Entity::find_by_id(key.to_vec()).one(conn).await?.as_ref().map(to_throttle).transpose()
}

/// One more failure, in one statement: parallel attempts are all counted. After `window` the count begins anew.
pub async fn record_failure(
    conn: &impl Connection,
    key: &[u8; 32],
    now: DateTime<Utc>,
    window: TimeDelta,
) -> Result<Throttle> {
    let first = Model { key_hash: key.to_vec(), failures: 1, window_start_ms: ms(now), blocked_until_ms: None };
    let old = || Expr::col((Entity, Column::WindowStartMs)).lte(ms(now - window));
    let failures = Expr::col((Entity, Column::Failures));
    let start = Expr::col((Entity, Column::WindowStartMs));
    let again = OnConflict::column(Column::KeyHash)
        .value(Column::Failures, CaseStatement::new().case(old(), 1_i32).finally(failures.add(1_i32)))
        .value(Column::WindowStartMs, CaseStatement::new().case(old(), ms(now)).finally(start))
        .to_owned();
    let row = Entity::insert(first.into_active_model()).on_conflict(again).exec_with_returning(conn).await?;
    to_throttle(&row)
}

pub async fn block(conn: &impl Connection, key: &[u8; 32], until: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::BlockedUntilMs, Expr::value(Value::from(ms(until))))
        .filter(Column::KeyHash.eq(key.to_vec()))
        .exec(conn)
        .await?;
    Ok(())
}

/// After a success.
pub async fn clear(conn: &impl Connection, key: &[u8; 32]) -> Result<()> {
    Entity::delete_many().filter(Column::KeyHash.eq(key.to_vec())).exec(conn).await?;
    Ok(())
}

/// Drops counts whose window began before `before` and whose block is over by then.
pub async fn prune(conn: &impl Connection, before: DateTime<Utc>) -> Result<u64> {
    let free = Column::BlockedUntilMs.is_null().or(Column::BlockedUntilMs.lt(ms(before)));
    Ok(Entity::delete_many().filter(Column::WindowStartMs.lt(ms(before))).filter(free).exec(conn).await?.rows_affected)
}
