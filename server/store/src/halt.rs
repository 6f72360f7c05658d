//! Halts of stations, of customers and of everything: they stand until they are lifted, one by one. Halts of builds and
//! rollouts are states of their own rows (see `build`, `rollout`).

use crate::entity::halt::{Column, Entity, Model};
use crate::entity::{build, rollout};
use crate::row::{Row, ensure_one, json, ms};
use crate::{Connection, Error, Paged, Result, estate};
use domain::fleet::StationNumber;
use domain::ids::{CustomerId, HaltId, RolloutId};
use domain::people::Reasoned;
use domain::rollout::halt::{Halt, HaltScope};
use sea_orm::sea_query::{Expr, Order, Query};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Value,
};

fn row(halt: &Halt) -> Result<Model> {
    let (rollout, station, customer) = match halt.scope {
        HaltScope::Station { rollout, station } => (Some(rollout), Some(station), None),
        HaltScope::Customer { customer, rollout } => (rollout, None, Some(customer)),
        HaltScope::Everything => (None, None, None),
        HaltScope::Build { .. } | HaltScope::Rollout { .. } => {
            return Err(Error::Unsupported("builds and rollouts are halted by their own state"));
        }
    };
    Ok(Model {
        id: halt.id.uuid(),
        scope: halt.scope.key().to_owned(),
        rollout_id: rollout.map(RolloutId::uuid),
        station: station.map(|station| station.0.into()),
        customer_id: customer.map(CustomerId::uuid),
        cause: json(&halt.cause)?,
        at_ms: ms(halt.at),
        lifted_ms: halt.lifted.as_ref().map(|lift| ms(lift.at)),
        lift: halt.lifted.as_ref().map(json).transpose()?,
    })
}

fn to_halt(model: Model) -> Result<Halt> {
    let id = HaltId::new(model.id);
    let row = Row::new("halt", id);
    let rollout = model.rollout_id.map(RolloutId::new);
    let scope = match (model.scope.as_str(), rollout, model.station, model.customer_id) {
        ("station", Some(rollout), Some(station), None) => {
            HaltScope::Station { rollout, station: StationNumber(row.number(station)?) }
        }
        ("customer", rollout, None, Some(customer)) => {
            HaltScope::Customer { customer: CustomerId::new(customer), rollout }
        }
        ("everything", None, None, None) => HaltScope::Everything,
        (scope, ..) => return Err(row.wrong(format!("scope `{scope}` with other columns"))),
    };
    Ok(Halt {
        id,
        scope,
        cause: row.json(model.cause)?,
        at: row.at(model.at_ms)?,
        lifted: model.lift.map(|lift| row.json(lift)).transpose()?,
    })
}

/// Whom it stops is due.
pub async fn insert(conn: &impl Connection, halt: &Halt) -> Result<()> {
    Entity::insert(row(halt)?.into_active_model()).exec_without_returning(conn).await?;
    touch(conn, halt.scope).await
}

pub async fn find(conn: &impl Connection, id: HaltId) -> Result<Option<Halt>> {
    Entity::find_by_id(id.uuid()).one(conn).await?.map(to_halt).transpose()
}

/// Those that stand and may concern this rollout, the oldest first.
pub async fn standing(conn: &impl Connection, rollout: RolloutId) -> Result<Vec<Halt>> {
    stand(conn, concerns(rollout)).await
}

fn concerns(rollout: RolloutId) -> Condition {
    Condition::any().add(Column::RolloutId.is_null()).add(Column::RolloutId.eq(rollout.uuid()))
}

/// All that stand, the oldest first.
pub async fn in_force(conn: &impl Connection) -> Result<Vec<Halt>> {
    stand(conn, Condition::all()).await
}

/// How many stand: with a scope of their own, of builds, and of rollouts.
pub async fn count_in_force(conn: &impl Connection) -> Result<u64> {
    let own = Entity::find().filter(Column::LiftedMs.is_null()).count(conn).await?;
    let builds = build::Entity::find().filter(build::Column::HaltedAtMs.is_not_null()).count(conn).await?;
    let rollouts = rollout::Entity::find().filter(rollout::Column::State.eq("halted")).count(conn).await?;
    Ok(own + builds + rollouts)
}

/// The one of everything that stands, where one does.
pub async fn kill_switch(conn: &impl Connection) -> Result<Option<Halt>> {
    Ok(stand(conn, Condition::all().add(of_everything())).await?.into_iter().next())
}

async fn stand(conn: &impl Connection, which: Condition) -> Result<Vec<Halt>> {
    let rows = Entity::find().filter(Column::LiftedMs.is_null()).filter(which).order_by_asc(Column::Id);
    rows.all(conn).await?.into_iter().map(to_halt).collect()
}

fn of_everything() -> Expr {
    Column::Scope.eq(HaltScope::Everything.key())
}

/// Those that stand for this rollout, and the last of everything that was lifted: nights that it took move, and the move
/// says so.
pub async fn of_plan(conn: &impl Connection, rollout: RolloutId) -> Result<Vec<Halt>> {
    let last_stop = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::LiftedMs.is_not_null())
        .and_where(of_everything())
        .order_by(Column::LiftedMs, Order::Desc)
        .limit(1)
        .take();
    let stands = Condition::all().add(concerns(rollout)).add(Column::LiftedMs.is_null());
    let which = Condition::any().add(stands).add(Column::Id.in_subquery(last_stop));
    let rows = Entity::find().filter(which).all(conn).await?;
    let mut halts: Vec<Halt> = rows.into_iter().map(to_halt).collect::<Result<_>>()?;
    // What stands first, the oldest before others, for a plan names the first that is in its way. Not in SQL: in the order
    // of their ids SQLite would walk through all that ever were.
    halts.sort_by_key(|halt| (halt.lifted.is_some(), halt.id));
    Ok(halts)
}

/// Those that were lifted, the newest first, after the halt `after`.
pub async fn lifted(conn: &impl Connection, after: Option<HaltId>, limit: u64) -> Result<Paged<Halt>> {
    let older = Condition::all().add_option(after.map(|after| Column::Id.lt(after.uuid())));
    let rows = Entity::find().filter(Column::LiftedMs.is_not_null()).filter(older).order_by_desc(Column::Id);
    Paged::cut(rows.limit(limit.saturating_add(1)).all(conn).await?, limit).try_map(to_halt)
}

/// Conflict where it is lifted already. Whom it stopped is due.
pub async fn lift(conn: &impl Connection, halt: &Halt, lift: &Reasoned) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(Column::LiftedMs, Expr::value(Value::from(Some(ms(lift.at)))))
        .col_expr(Column::Lift, Expr::value(json(lift)?))
        .filter(Column::Id.eq(halt.id.uuid()))
        .filter(Column::LiftedMs.is_null())
        .exec(conn)
        .await?;
    ensure_one(changed.rows_affected, || format!("halt {} is lifted", halt.id))?;
    touch(conn, halt.scope).await
}

async fn touch(conn: &impl Connection, scope: HaltScope) -> Result<()> {
    match scope {
        HaltScope::Customer { customer, .. } => estate::touch(conn, [customer.uuid()]).await,
        HaltScope::Station { rollout, station } => estate::touch_station(conn, rollout, station).await,
        // Nothing is planned while it stands, and afterwards whatever became due meanwhile is: nobody is touched.
        HaltScope::Everything | HaltScope::Build { .. } | HaltScope::Rollout { .. } => Ok(()),
    }
}
