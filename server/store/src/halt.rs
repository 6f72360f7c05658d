//! Halts of stations and customers: they stand until they are lifted, one by one. Halts of builds and rollouts are
//! states of their own rows (see `build`, `rollout`).

use crate::entity::halt::{Column, Entity, Model};
use crate::row::{Row, ensure_one, json, ms};
use crate::{Connection, Error, Result, estate};
use domain::fleet::StationNumber;
use domain::ids::{CustomerId, HaltId, RolloutId};
use domain::people::Reasoned;
use domain::rollout::halt::{Halt, HaltScope};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Value};

fn row(halt: &Halt) -> Result<Model> {
    let (rollout, station, customer) = match halt.scope {
        HaltScope::Station { rollout, station } => (Some(rollout), Some(station), None),
        HaltScope::Customer { customer, rollout } => (rollout, None, Some(customer)),
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
    let concerns = Condition::any().add(Column::RolloutId.is_null()).add(Column::RolloutId.eq(rollout.uuid()));
    let rows = Entity::find().filter(Column::LiftedMs.is_null()).filter(concerns).order_by_asc(Column::Id);
    rows.all(conn).await?.into_iter().map(to_halt).collect()
}

/// Those that stand, of every rollout, the oldest first.
pub(crate) async fn all_standing(conn: &impl Connection) -> Result<Vec<Halt>> {
    let rows = Entity::find().filter(Column::LiftedMs.is_null()).order_by_asc(Column::Id);
    rows.all(conn).await?.into_iter().map(to_halt).collect()
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
        HaltScope::Build { .. } | HaltScope::Rollout { .. } => Ok(()),
    }
}
