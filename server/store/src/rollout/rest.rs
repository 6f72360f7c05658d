//! Rollouts that are not looked at: a plan found nothing to do and said when time alone could change that. What happens to
//! environments makes their estates due, and a rollout with an estate that is due, or with a night that has begun, does not
//! rest. A change of the rollout ends its rest (`bump`), and so does whatever is recorded that is not of one environment
//! alone and is no sign-in: all that plans look at is, in its own transaction, but what listening systems say. Who looks at
//! that never rests.

use crate::entity::rollout::{Column, Entity};
use crate::entity::{environment_update as u, estate};
use crate::row::ms;
use crate::{Connection, Result, audit, update};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::RolloutId;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use uuid::Uuid;

/// Nobody rests for longer, whatever a plan says: what nothing foresees is late, but not by a night of six hours. Also a
/// rest that ends later than this is none: a clock that was ahead wrote it.
pub const REST_MAX: TimeDelta = TimeDelta::hours(4);

/// Rollouts under way that do not rest, ascending. The ids alone: one that cannot be read stops no other.
pub async fn awake(conn: &impl Connection, now: DateTime<Utc>) -> Result<Vec<RolloutId>> {
    let rests = Condition::all()
        .add(Column::RestsUntilMs.is_not_null())
        .add(Column::RestsUntilMs.gt(ms(now)))
        .add(Column::RestsUntilMs.lte(ms(now + REST_MAX)))
        .add(Expr::col((Entity, Column::RestsSeq)).eq(Expr::from(audit::last_stir())))
        .add(Expr::exists(due(now)).not())
        .add(Expr::exists(begun(now)).not());
    let rows = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.is_in(["running", "halted"]))
        .filter(rests.not())
        .order_by_asc(Column::Id);
    let ids: Vec<Uuid> = rows.into_tuple().all(conn).await?;
    Ok(ids.into_iter().map(RolloutId::new).collect())
}

fn due(now: DateTime<Utc>) -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from(estate::Entity)
        .and_where(Expr::col((estate::Entity, estate::Column::RolloutId)).equals((Entity, Column::Id)))
        .and_where(estate::Column::DueMs.lte(ms(now)))
        .take()
}

fn begun(now: DateTime<Utc>) -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from(u::Entity)
        .and_where(Expr::col((u::Entity, u::Column::RolloutId)).equals((Entity, Column::Id)))
        .and_where(update::announced_now())
        .and_where(u::Column::Early.is_in([true, false]))
        .and_where(u::Column::NightStartMs.lte(ms(now)))
        .take()
}

/// No plan is made until then, unless something happens. `stirred`: what was recorded last when the plan looked. Nothing is
/// written where the rollout has moved on.
pub async fn rest(
    conn: &impl Connection,
    (id, generation): (RolloutId, i64),
    stirred: i64,
    until: DateTime<Utc>,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::RestsUntilMs, Expr::value(Value::from(Some(ms(until)))))
        .col_expr(Column::RestsSeq, Expr::value(Value::from(Some(stirred))))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Generation.eq(generation))
        .exec(conn)
        .await?;
    Ok(())
}
