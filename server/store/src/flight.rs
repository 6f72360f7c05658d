//! Flights and their switches. A switch is written once; the last of a scope counts.

use crate::entity::flight::{Column, Entity, Model};
use crate::entity::flight_switch as s;
use crate::row::{Row, ensure_one, json, ms};
use crate::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::flight::{Flight, FlightScope, Switch};
use domain::ids::{BuildId, CustomerId, FlightId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A flight and how often it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub flight: Flight,
    pub generation: i64,
}

/// A switch of which the executors have not taken note yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    pub id: Uuid,
    pub flight: String,
    pub switch: Switch,
}

/// Conflict where the key is taken.
pub async fn insert(conn: &impl Connection, flight: &Flight, now: DateTime<Utc>) -> Result<()> {
    let row = Model {
        id: flight.id.uuid(),
        key: flight.key.clone(),
        title: flight.title.clone(),
        owner: flight.owner.clone(),
        build_id: flight.build.uuid(),
        remove_on: flight.remove_on,
        created_ms: ms(now),
        generation: 1,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// By key. Flights are few: each has a date by which it goes.
pub async fn list(conn: &impl Connection) -> Result<Vec<Known>> {
    let mut switches: BTreeMap<Uuid, Vec<Switch>> = BTreeMap::new();
    for row in s::Entity::find().order_by_asc(s::Column::Id).all(conn).await? {
        switches.entry(row.flight_id).or_default().push(to_switch(row)?);
    }
    let rows = Entity::find().order_by_asc(Column::Key).all(conn).await?;
    Ok(rows.into_iter().map(|row| to_known(row, &mut switches)).collect())
}

pub async fn find(conn: &impl Connection, id: FlightId) -> Result<Option<Known>> {
    Ok(list(conn).await?.into_iter().find(|known| known.flight.id == id))
}

fn to_known(model: Model, switches: &mut BTreeMap<Uuid, Vec<Switch>>) -> Known {
    let flight = Flight {
        id: FlightId::new(model.id),
        key: model.key,
        title: model.title,
        owner: model.owner,
        build: BuildId::new(model.build_id),
        remove_on: model.remove_on,
        switches: switches.remove(&model.id).unwrap_or_default(),
    };
    Known { flight, generation: model.generation }
}

fn to_switch(model: s::Model) -> Result<Switch> {
    let row = Row::new("flight_switch", model.id);
    let scope = match (model.scope.as_str(), model.customer_id) {
        ("everywhere", None) => FlightScope::Everywhere,
        ("customer", Some(customer)) => FlightScope::Customer { customer: CustomerId::new(customer) },
        (scope, customer) => return Err(row.wrong(format!("scope `{scope}` with {customer:?}"))),
    };
    Ok(Switch { scope, on: model.position == "on", why: row.json(model.why)? })
}

/// Conflict where somebody was faster. `ids` are the switches' own, in their order.
pub async fn turn(conn: &impl Connection, before: &Known, switches: &[Switch], ids: &[Uuid]) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(before.flight.id.uuid()))
        .filter(Column::Generation.eq(before.generation))
        .exec(conn)
        .await?;
    ensure_one(changed.rows_affected, || {
        format!("flight {} is no longer at {}", before.flight.key, before.generation)
    })?;
    for (switch, id) in switches.iter().zip(ids) {
        let row = s::Model {
            id: *id,
            flight_id: before.flight.id.uuid(),
            scope: switch.scope.key().to_owned(),
            customer_id: switch.scope.customer().map(CustomerId::uuid),
            position: if switch.on { "on" } else { "off" }.to_owned(),
            why: json(&switch.why)?,
            at_ms: ms(switch.why.at),
            told_ms: None,
        };
        s::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// In the order in which they were turned.
pub async fn untold(conn: &impl Connection) -> Result<Vec<Untold>> {
    let rows = s::Entity::find().filter(s::Column::ToldMs.is_null()).order_by_asc(s::Column::Id).all(conn).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let keys: BTreeMap<Uuid, String> =
        Entity::find().all(conn).await?.into_iter().map(|row| (row.id, row.key)).collect();
    rows.into_iter()
        .map(|row| {
            let flight = keys.get(&row.flight_id).cloned();
            let flight = flight.ok_or_else(|| Row::new("flight_switch", row.id).wrong("no flight"))?;
            Ok(Untold { id: row.id, flight, switch: to_switch(row)? })
        })
        .collect()
}

pub async fn set_told(conn: &impl Connection, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    s::Entity::update_many()
        .col_expr(s::Column::ToldMs, Expr::value(Value::from(Some(ms(now)))))
        .filter(s::Column::Id.eq(id))
        .exec(conn)
        .await?;
    Ok(())
}
