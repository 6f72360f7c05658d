//! Freezes, as they were set; who lifts one writes its last state.

use crate::entity::freeze::{Column, Entity, Model};
use crate::row::{Row, ensure_one, json, ms};
use crate::{Connection, Result, estate};
use domain::freeze::{Freeze, FreezeState, Freezes};
use domain::ids::{CustomerId, FreezeId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Value};

/// A freeze and how often it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub freeze: Freeze,
    pub generation: i64,
}

fn to_known(model: Model) -> Result<Known> {
    let row = Row::new("freeze", FreezeId::new(model.id));
    Ok(Known { freeze: row.json(model.terms)?, generation: model.generation })
}

/// `customer` is whose estate or environment it is for. Everybody is due: freezes are few and far between.
pub async fn insert(conn: &impl Connection, freeze: &Freeze, customer: Option<CustomerId>) -> Result<()> {
    let row = Model {
        id: freeze.id.uuid(),
        customer_id: customer.map(CustomerId::uuid),
        terms: json(freeze)?,
        set_ms: ms(freeze.set_at),
        lifted_ms: None,
        generation: 1,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    touch(conn, customer).await
}

pub async fn find(conn: &impl Connection, id: FreezeId) -> Result<Option<Known>> {
    Entity::find_by_id(id.uuid()).one(conn).await?.map(to_known).transpose()
}

/// Those that are set, the oldest first.
pub async fn set(conn: &impl Connection) -> Result<Freezes> {
    let rows = Entity::find().filter(Column::LiftedMs.is_null()).order_by_asc(Column::Id).all(conn).await?;
    rows.into_iter().map(|row| Ok(to_known(row)?.freeze)).collect()
}

/// Those that were lifted, the newest first.
pub async fn lifted(conn: &impl Connection, limit: u64) -> Result<Vec<Freeze>> {
    let rows = Entity::find().filter(Column::LiftedMs.is_not_null()).order_by_desc(Column::Id).limit(limit);
    rows.all(conn).await?.into_iter().map(|row| Ok(to_known(row)?.freeze)).collect()
}

/// Conflict where somebody was faster.
pub async fn save_lifted(conn: &impl Connection, before: &Known, lifted: &Freeze) -> Result<()> {
    let FreezeState::Lifted { lift } = &lifted.state else { return Ok(()) };
    let row = Entity::find_by_id(lifted.id.uuid()).one(conn).await?;
    let changed = Entity::update_many()
        .col_expr(Column::Terms, Expr::value(json(lifted)?))
        .col_expr(Column::LiftedMs, Expr::value(Value::from(Some(ms(lift.at)))))
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(lifted.id.uuid()))
        .filter(Column::Generation.eq(before.generation))
        .exec(conn)
        .await?;
    ensure_one(changed.rows_affected, || format!("freeze {} is no longer at {}", lifted.id, before.generation))?;
    touch(conn, row.and_then(|row| row.customer_id).map(CustomerId::new)).await
}

async fn touch(conn: &impl Connection, customer: Option<CustomerId>) -> Result<()> {
    match customer {
        Some(customer) => estate::touch(conn, [customer.uuid()]).await,
        None => estate::touch_all(conn).await,
    }
}
