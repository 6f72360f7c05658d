//! Rollouts that are not looked at: a plan found nothing to do and said when time alone could change that. What happens to
//! environments makes their estates due, and a rollout with an estate that is due does not rest, unless it is halted: then
//! nobody is looked at, and its own updates end its rest as they move. A change of the rollout ends its rest (`bump`); so
//! does an update, of any rollout, that runs no longer, for there is room for another; and so does whatever is recorded
//! that is not of one environment alone and is no sign-in: all that plans look at is, in its own transaction, but what
//! listening systems say. Who looks at that never rests.

use crate::entity::rollout::{ActiveModel, Column, Entity};
use crate::entity::{environment_update as u, estate};
use crate::row::ms;
use crate::{Connection, Result, audit, update};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::RolloutId;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, Value};
use uuid::Uuid;

/// Nobody rests for longer, whatever a plan says: what nothing foresees is late, but not by a night of six hours. Also a
/// rest that ends later than this is none: a clock that was ahead wrote it.
pub const REST_MAX: TimeDelta = TimeDelta::hours(4);

/// What a plan knew of the others when it laid its rollout down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// What was recorded last that ends a rest.
    pub stirred: i64,
    /// The starts of all that ran, in milliseconds, together: another number as soon as one of them ends or one begins, and as
    /// an order is taken, for an update runs since then.
    pub running: i64,
}

/// Rollouts under way that do not rest, ascending. The ids alone: one that cannot be read stops no other.
pub async fn awake(conn: &impl Connection, now: DateTime<Utc>) -> Result<Vec<RolloutId>> {
    let nobody_moved =
        Condition::all().add(Expr::col((Entity, Column::RestsRunning)).eq(running())).add(Expr::exists(due(now)).not());
    let rests = Condition::all()
        .add(Column::RestsUntilMs.is_not_null())
        .add(Column::RestsUntilMs.gt(ms(now)))
        .add(Column::RestsUntilMs.lte(ms(now + REST_MAX)))
        .add(Expr::col((Entity, Column::RestsSeq)).eq(Expr::from(audit::last_stir())))
        .add(Condition::any().add(Column::State.eq("halted")).add(nobody_moved));
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

/// As [`Marks::running`].
fn running() -> Expr {
    let starts = Query::select()
        .expr(Expr::col(u::Column::StartedMs).sum())
        .from(u::Entity)
        .and_where(update::running_now())
        .take();
    Expr::from(Func::coalesce([Expr::from(starts), Expr::value(0_i64)]))
}

/// No plan is made until then, unless something happens. Nothing is written where the rollout has moved on.
pub async fn rest(
    conn: &impl Connection,
    (id, generation): (RolloutId, i64),
    marks: Marks,
    until: DateTime<Utc>,
) -> Result<()> {
    let mut columns = ActiveModel::default();
    lay(&mut columns, Some((until, marks)));
    let own = Entity::update_many().set(columns).filter(Column::Id.eq(id.uuid()));
    own.filter(Column::Generation.eq(generation)).exec(conn).await?;
    Ok(())
}

/// As columns; `None` ends the rest that there is.
pub(super) fn lay(columns: &mut ActiveModel, rest: Option<(DateTime<Utc>, Marks)>) {
    columns.rests_until_ms = Set(rest.map(|(until, _)| ms(until)));
    if let Some((_, marks)) = rest {
        columns.rests_seq = Set(Some(marks.stirred));
        columns.rests_running = Set(Some(marks.running));
    }
}

/// Updates of these rollouts moved on: those that are halted and rest are looked at again.
pub(crate) async fn rouse_halted(conn: &impl Connection, rollouts: impl IntoIterator<Item = Uuid>) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::RestsUntilMs, Expr::value(Value::from(None::<i64>)))
        .filter(Column::Id.is_in(rollouts))
        .filter(Column::State.eq("halted"))
        .filter(Column::RestsUntilMs.is_not_null())
        .exec(conn)
        .await?;
    Ok(())
}
