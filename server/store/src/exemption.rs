//! Exemptions with their record. What the planner reads of one stands with its environment; whoever grants or withdraws
//! one writes both.

use crate::deployment::customer_names;
use crate::entity::environment as e;
use crate::entity::exemption::{Column, Entity, Model};
use crate::row::{Row, ensure_one, json, ms};
use crate::{Connection, Paged, Result};
use chrono::{DateTime, Utc};
use domain::fleet::exemption::{ExemptionRecord, ExemptionState};
use domain::ids::{CustomerId, EnvironmentId, ExemptionId};
use domain::permission::TenantScope;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select, Value,
};
use std::collections::HashMap;

/// A record, whose it is, and how often it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub record: ExemptionRecord,
    pub customer: CustomerId,
    pub environment: EnvironmentId,
    pub generation: i64,
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub known: Known,
    pub customer_name: String,
    pub environment_name: String,
}

const fn tag(state: &ExemptionState) -> &'static str {
    match state {
        ExemptionState::Requested => "requested",
        ExemptionState::Refused { .. } => "refused",
        ExemptionState::Granted { .. } => "granted",
        ExemptionState::Withdrawn { .. } => "withdrawn",
    }
}

fn to_known(model: Model) -> Result<Known> {
    let row = Row::new("exemption", ExemptionId::new(model.id));
    Ok(Known {
        record: row.json(model.record)?,
        customer: CustomerId::new(model.customer_id),
        environment: EnvironmentId::new(model.environment_id),
        generation: model.generation,
    })
}

fn scoped(scope: TenantScope) -> Select<Entity> {
    match scope {
        TenantScope::Customer(own) => Entity::find().filter(Column::CustomerId.eq(own.uuid())),
        TenantScope::AllCustomers => Entity::find(),
    }
}

pub async fn insert(
    conn: &impl Connection,
    record: &ExemptionRecord,
    customer: CustomerId,
    environment: EnvironmentId,
) -> Result<()> {
    let row = Model {
        id: record.id.uuid(),
        customer_id: customer.uuid(),
        environment_id: environment.uuid(),
        state: tag(&record.state).to_owned(),
        record: json(record)?,
        remind_ms: None,
        generation: 1,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

pub async fn find(conn: &impl Connection, scope: TenantScope, id: ExemptionId) -> Result<Option<Known>> {
    scoped(scope).filter(Column::Id.eq(id.uuid())).one(conn).await?.map(to_known).transpose()
}

/// Newest first.
pub async fn of_environment(
    conn: &impl Connection,
    scope: TenantScope,
    environment: EnvironmentId,
) -> Result<Vec<Known>> {
    let own = scoped(scope).filter(Column::EnvironmentId.eq(environment.uuid())).order_by_desc(Column::Id);
    own.all(conn).await?.into_iter().map(to_known).collect()
}

/// Of every environment, the oldest first.
pub async fn all(conn: &impl Connection) -> Result<Vec<Known>> {
    let rows = Entity::find().order_by_asc(Column::Id).all(conn).await?;
    rows.into_iter().map(to_known).collect()
}

/// Conflict where somebody was faster. `remind_at` is when the next reminder is owed.
pub async fn save(
    conn: &impl Connection,
    before: &Known,
    record: &ExemptionRecord,
    remind_at: Option<DateTime<Utc>>,
) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(Column::Record, Expr::value(json(record)?))
        .col_expr(Column::State, Expr::value(tag(&record.state)))
        .col_expr(Column::RemindMs, Expr::value(Value::from(remind_at.map(ms))))
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(record.id.uuid()))
        .filter(Column::Generation.eq(before.generation))
        .exec(conn)
        .await?;
    ensure_one(changed.rows_affected, || format!("exemption {} is no longer at {}", record.id, before.generation))
}

/// Requests that wait for a decision, the oldest first.
pub async fn waiting(conn: &impl Connection, limit: u64) -> Result<Paged<Listed>> {
    let waiting = Entity::find().filter(Column::State.eq("requested")).order_by_asc(Column::Id);
    named(conn, Paged::cut(waiting.limit(limit.saturating_add(1)).all(conn).await?, limit)).await
}

/// What was decided, the newest request first, before the exemption `after` of the page before.
pub async fn decided(conn: &impl Connection, after: Option<ExemptionId>, limit: u64) -> Result<Paged<Listed>> {
    let older = Condition::all().add_option(after.map(|after| Column::Id.lt(after.uuid())));
    let decided = Entity::find().filter(Column::State.ne("requested")).filter(older).order_by_desc(Column::Id);
    named(conn, Paged::cut(decided.limit(limit.saturating_add(1)).all(conn).await?, limit)).await
}

async fn named(conn: &impl Connection, page: Paged<Model>) -> Result<Paged<Listed>> {
    let environments = e::Entity::find().filter(e::Column::Id.is_in(page.rows.iter().map(|row| row.environment_id)));
    let environments: HashMap<_, _> = environments.all(conn).await?.into_iter().map(|row| (row.id, row.name)).collect();
    let customers = customer_names(conn, page.rows.iter().map(|row| row.customer_id).collect()).await?;
    page.try_map(|model| {
        let row = Row::new("exemption", ExemptionId::new(model.id));
        let environment_name = environments.get(&model.environment_id).cloned();
        let customer_name = customers.get(&model.customer_id).cloned();
        Ok(Listed {
            environment_name: environment_name.ok_or_else(|| row.wrong("no environment"))?,
            customer_name: customer_name.ok_or_else(|| row.wrong("no customer"))?,
            known: to_known(model)?,
        })
    })
}

/// Those whose owner is to be reminded by now.
pub async fn to_remind(conn: &impl Connection, now: DateTime<Utc>, limit: u64) -> Result<Vec<Known>> {
    let due = Entity::find().filter(Column::RemindMs.lte(ms(now))).order_by_asc(Column::RemindMs).limit(limit);
    due.all(conn).await?.into_iter().map(to_known).collect()
}
