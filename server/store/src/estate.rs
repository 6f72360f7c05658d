//! Which estates of a rollout the planner has to look at, and when. An estate is all that one customer has aboard.
//!
//! Whatever happens to an environment or to one of its updates makes the estate due at once; every change of this crate
//! that could matter does so in its own transaction. The planner says when time alone makes it due again. Between the
//! two stands `version`: what happened after the planner looked is not overwritten by what it found.

use crate::entity::customer;
use crate::entity::environment as e;
use crate::entity::environment_update as u;
use crate::entity::estate::{Column, Entity, Model};
use crate::entity::rollout;
use crate::row::{IDS_PER_QUERY, ROWS_PER_INSERT, Row, ms};
use crate::{Connection, Error, Result, dialect, rollout as rollouts, update};
use chrono::{DateTime, Utc};
use domain::fleet::StationNumber;
use domain::ids::{CustomerId, RolloutId};
use domain::release::ServiceUpdate;
use domain::rollout::EstatePlan;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, UpdateMany};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Before every other instant.
const AT_ONCE: i64 = 0;

/// An estate, how often something happened to it, and the last night that was found for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub customer: CustomerId,
    pub version: i64,
    pub last_night: Option<DateTime<Utc>>,
}

impl TryFrom<Model> for Seen {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        let customer = CustomerId::new(row.customer_id);
        let last_night = Row::new("estate of customer", customer).at_opt(row.last_night_ms)?;
        Ok(Self { customer, version: row.version, last_night })
    }
}

/// Something happened to environments of these customers: due in every rollout under way.
pub(crate) async fn touch(conn: &impl Connection, customers: impl IntoIterator<Item = Uuid>) -> Result<()> {
    let customers: Vec<Uuid> = customers.into_iter().collect();
    for chunk in customers.chunks(IDS_PER_QUERY) {
        let under_way = Query::select()
            .column((rollout::Entity, rollout::Column::Id))
            .column((customer::Entity, customer::Column::Id))
            .expr(Expr::value(AT_ONCE))
            .expr(Expr::value(1_i64))
            .from(rollout::Entity)
            .cross_join(customer::Entity)
            .and_where(Expr::col((rollout::Entity, rollout::Column::State)).is_in(["running", "halted"]))
            .and_where(Expr::col((customer::Entity, customer::Column::Id)).is_in(chunk.iter().copied()))
            .take();
        insert(conn, under_way).await?;
    }
    Ok(())
}

/// Something happened to everybody: all environments are placed anew.
pub(crate) async fn touch_all(conn: &impl Connection) -> Result<()> {
    let everybody = Query::select()
        .distinct()
        .column((rollout::Entity, rollout::Column::Id))
        .column((e::Entity, e::Column::CustomerId))
        .expr(Expr::value(AT_ONCE))
        .expr(Expr::value(1_i64))
        .from(rollout::Entity)
        .inner_join(e::Entity, on_its_service_update())
        .and_where(Expr::col((rollout::Entity, rollout::Column::State)).is_in(["running", "halted"]))
        .take();
    insert(conn, everybody).await?;
    due_at_once().exec(conn).await?;
    Ok(())
}

/// Estates that are known already, due again.
fn due_at_once() -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::DueMs, Expr::value(Some(AT_ONCE)))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1_i64))
}

fn on_its_service_update() -> Expr {
    Expr::col((e::Entity, e::Column::ServiceUpdate)).equals((rollout::Entity, rollout::Column::ServiceUpdate))
}

/// Updates of customers moved on: each, `(rollout, customer)`, is due in its rollout.
pub(crate) async fn touch_in(conn: &impl Connection, estates: impl IntoIterator<Item = (Uuid, Uuid)>) -> Result<()> {
    let estates: BTreeSet<(Uuid, Uuid)> = estates.into_iter().collect();
    if estates.is_empty() {
        return Ok(());
    }
    let moved: BTreeSet<Uuid> = estates.iter().map(|(rollout, _)| *rollout).collect();
    let rows = estates.into_iter().map(|(rollout_id, customer_id)| {
        Model { rollout_id, customer_id, due_ms: Some(AT_ONCE), last_night_ms: None, version: 1 }.into_active_model()
    });
    let rows: Vec<_> = rows.collect();
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        Entity::insert_many(chunk.iter().cloned()).on_conflict(due_again()).exec_without_returning(conn).await?;
    }
    rollouts::rouse_halted(conn, moved).await
}

async fn insert(conn: &impl Connection, rows: SelectStatement) -> Result<()> {
    let mut insert = Query::insert();
    insert
        .into_table(Entity)
        .columns([Column::RolloutId, Column::CustomerId, Column::DueMs, Column::Version])
        .on_conflict(due_again());
    // The number of columns is the number of expressions, here and in the three callers.
    if insert.select_from(rows).is_ok() {
        conn.execute(&insert).await?;
    }
    Ok(())
}

fn due_again() -> OnConflict {
    OnConflict::columns([Column::RolloutId, Column::CustomerId])
        .value(Column::DueMs, AT_ONCE)
        .value(Column::Version, Expr::col((Entity, Column::Version)).add(1_i64))
        .to_owned()
}

/// The rollout starts: everybody on its service update is due.
pub async fn open(conn: &impl Connection, rollout: RolloutId, aboard: ServiceUpdate) -> Result<()> {
    dialect::lock_aboard(conn).await?;
    let everybody = Query::select()
        .distinct()
        .expr(Expr::value(rollout.uuid()))
        .column(e::Column::CustomerId)
        .expr(Expr::value(AT_ONCE))
        .expr(Expr::value(1_i64))
        .from(e::Entity)
        .and_where(Expr::col(e::Column::ServiceUpdate).eq(aboard.to_string()))
        .take();
    insert(conn, everybody).await
}

/// Something of the rollout itself changed: whoever is known is looked at again.
pub async fn touch_rollout(conn: &impl Connection, rollout: RolloutId) -> Result<()> {
    due_at_once().filter(Column::RolloutId.eq(rollout.uuid())).exec(conn).await?;
    Ok(())
}

/// A person let the rollout go on: what failed until then is looked at again.
pub async fn touch_failed(conn: &impl Connection, rollout: RolloutId) -> Result<()> {
    let failed = Query::select()
        .column(u::Column::CustomerId)
        .from(u::Entity)
        .and_where(Expr::col(u::Column::RolloutId).eq(rollout.uuid()))
        .and_where(Expr::col(u::Column::LastFailedMs).is_not_null())
        .take();
    touch_those(conn, rollout, failed).await
}

/// A halted rollout goes on: what it announced counts again in the other rollouts (rule R1), and theirs in it. Whoever has
/// a night in it and one in another is looked at in all.
pub async fn touch_shared(conn: &impl Connection, rollout: RolloutId) -> Result<()> {
    let announced = || Query::select().from(u::Entity).and_where(update::announced_now()).take();
    let elsewhere = announced()
        .column(u::Column::EnvironmentId)
        .and_where(Expr::col(u::Column::RolloutId).ne(rollout.uuid()))
        .take();
    let both = announced()
        .column(u::Column::CustomerId)
        .and_where(Expr::col(u::Column::RolloutId).eq(rollout.uuid()))
        .and_where(Expr::col(u::Column::EnvironmentId).in_subquery(elsewhere))
        .take();
    due_at_once().filter(Column::CustomerId.in_subquery(both)).exec(conn).await?;
    Ok(())
}

/// A stage opened: whose night has begun is looked at again.
pub async fn touch_begun(conn: &impl Connection, rollout: RolloutId, now: DateTime<Utc>) -> Result<()> {
    let begun = Query::select()
        .column(u::Column::CustomerId)
        .from(u::Entity)
        .and_where(Expr::col(u::Column::RolloutId).eq(rollout.uuid()))
        .and_where(update::announced_now())
        .and_where(Expr::col(u::Column::NightStartMs).lte(ms(now)))
        .take();
    touch_those(conn, rollout, begun).await
}

/// A station was halted, or its halt was lifted.
pub(crate) async fn touch_station(conn: &impl Connection, rollout: RolloutId, station: StationNumber) -> Result<()> {
    let there = Query::select()
        .column(u::Column::CustomerId)
        .from(u::Entity)
        .and_where(Expr::col(u::Column::RolloutId).eq(rollout.uuid()))
        .and_where(Expr::col(u::Column::Station).eq(i16::from(station.0)))
        .take();
    touch_those(conn, rollout, there).await
}

async fn touch_those(conn: &impl Connection, rollout: RolloutId, customers: SelectStatement) -> Result<()> {
    due_at_once()
        .filter(Column::RolloutId.eq(rollout.uuid()))
        .filter(Column::CustomerId.in_subquery(customers))
        .exec(conn)
        .await?;
    Ok(())
}

/// At most `limit` estates that are due, those first that wait longest.
pub async fn due(conn: &impl Connection, rollout: RolloutId, now: DateTime<Utc>, limit: u64) -> Result<Vec<Seen>> {
    let due = Entity::find()
        .filter(Column::RolloutId.eq(rollout.uuid()))
        .filter(Column::DueMs.lte(ms(now)))
        .order_by_asc(Column::DueMs)
        .order_by_asc(Column::CustomerId)
        .limit(limit);
    due.all(conn).await?.into_iter().map(Seen::try_from).collect()
}

pub(crate) async fn seen(conn: &impl Connection, rollout: RolloutId, customers: &[CustomerId]) -> Result<Vec<Seen>> {
    if customers.is_empty() {
        return Ok(Vec::new());
    }
    let these = Entity::find()
        .filter(Column::RolloutId.eq(rollout.uuid()))
        .filter(Column::CustomerId.is_in(customers.iter().map(|customer| customer.uuid())));
    these.all(conn).await?.into_iter().map(Seen::try_from).collect()
}

/// What the planner found of the estates it saw. One to which something happened since stays due.
pub async fn save(conn: &impl Connection, rollout: RolloutId, seen: &[Seen], plans: &[EstatePlan]) -> Result<()> {
    let plans: HashMap<CustomerId, &EstatePlan> = plans.iter().map(|plan| (plan.customer, plan)).collect();
    let rows = seen.iter().map(|seen| {
        let plan = plans.get(&seen.customer);
        Model {
            rollout_id: rollout.uuid(),
            customer_id: seen.customer.uuid(),
            due_ms: plan.and_then(|plan| plan.wake).map(ms),
            last_night_ms: plan.and_then(|plan| plan.last_night).map(ms),
            version: seen.version,
        }
    });
    let rows: Vec<_> = rows.map(IntoActiveModel::into_active_model).collect();
    let unchanged = Expr::col((Entity, Column::Version)).eq(Expr::cust("excluded.version"));
    let save = OnConflict::columns([Column::RolloutId, Column::CustomerId])
        .update_columns([Column::DueMs, Column::LastNightMs])
        .action_and_where(unchanged)
        .to_owned();
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        Entity::insert_many(chunk.iter().cloned()).on_conflict(save.clone()).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// Customers with environments on a service update, ascending, after `after`.
pub async fn customers_on(
    conn: &impl Connection,
    service_update: ServiceUpdate,
    after: Option<CustomerId>,
    limit: u64,
) -> Result<Vec<CustomerId>> {
    let mut customers = e::Entity::find()
        .select_only()
        .column(e::Column::CustomerId)
        .distinct()
        .filter(e::Column::ServiceUpdate.eq(service_update.to_string()))
        .order_by_asc(e::Column::CustomerId)
        .limit(limit);
    if let Some(after) = after {
        customers = customers.filter(e::Column::CustomerId.gt(after.uuid()));
    }
    let ids: Vec<Uuid> = customers.into_tuple().all(conn).await?;
    Ok(ids.into_iter().map(CustomerId::new).collect())
}

/// How many customers have environments on it.
pub async fn count_on(conn: &impl Connection, service_update: ServiceUpdate) -> Result<u64> {
    let customers = e::Entity::find()
        .select_only()
        .column_as(Expr::col(e::Column::CustomerId).count_distinct(), "customers")
        .filter(e::Column::ServiceUpdate.eq(service_update.to_string()));
    let count: Option<i64> = customers.into_tuple().one(conn).await?;
    Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}
