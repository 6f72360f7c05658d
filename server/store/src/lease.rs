//! Who does a job that only one server may do. The epoch rises whenever the job may have changed hands; whoever writes
//! checks its epoch inside the transaction, so that an owner that slept through its lease writes nothing.

use crate::entity::lease::{Column, Entity, Model};
use crate::row::ms;
use crate::{Connection, Error, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Value};

/// Takes or renews the lease until `now + ttl` and gives its epoch; `None` where another owner holds it. One statement,
/// so two servers cannot both win.
pub async fn claim(
    conn: &impl Connection,
    name: &str,
    owner: &str,
    now: DateTime<Utc>,
    ttl: TimeDelta,
) -> Result<Option<i64>> {
    let held = |column| Expr::col((Entity, column));
    let lapsed = || held(Column::UntilMs).lte(ms(now));
    let mine = || held(Column::Owner).eq(owner);
    let same = mine().and(held(Column::UntilMs).gt(ms(now)));
    let epoch = CaseStatement::new().case(same, held(Column::Epoch)).finally(held(Column::Epoch).add(1_i64));
    let take = OnConflict::column(Column::Name)
        .value(Column::Epoch, epoch)
        .update_columns([Column::Owner, Column::UntilMs])
        .action_and_where(mine().or(lapsed()))
        .to_owned();
    let first = Model { name: name.to_owned(), owner: owner.to_owned(), epoch: 1, until_ms: ms(now + ttl) };
    let taken = Entity::insert_many([first.into_active_model()]).on_conflict(take).exec_with_returning(conn).await?;
    Ok(taken.first().map(|row| row.epoch))
}

/// Conflict where the job has changed hands since the epoch was given. For the beginning of a write transaction: until
/// it ends nobody else can claim.
pub async fn check_epoch(conn: &impl Connection, name: &str, epoch: i64) -> Result<()> {
    match Entity::find_by_id(name).lock_shared().one(conn).await? {
        Some(row) if row.epoch == epoch => Ok(()),
        Some(row) => Err(Error::conflict(format!("lease {name} is at epoch {}, not {epoch}", row.epoch))),
        None => Err(Error::conflict(format!("lease {name} is not held"))),
    }
}

/// Who was given it last.
pub(crate) async fn owner(conn: &impl Connection, name: &str) -> Result<Option<String>> {
    Ok(Entity::find_by_id(name).one(conn).await?.map(|row| row.owner))
}

/// Gives the lease up early, so that another server need not wait for its end.
pub async fn release(conn: &impl Connection, name: &str, owner: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::UntilMs, Expr::value(Value::from(0_i64)))
        .filter(Column::Name.eq(name))
        .filter(Column::Owner.eq(owner))
        .exec(conn)
        .await?;
    Ok(())
}
