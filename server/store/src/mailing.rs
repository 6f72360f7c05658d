//! Letters to every customer of a rollout, still being written. Whoever writes some moves the mark in the same
//! transaction; of two writers at one mark one loses.

use crate::entity::mailing::{Column, Entity, Model};
use crate::entity::{environment, environment_update as u, estate};
use crate::row::{IDS_PER_QUERY, Row, ensure_one, ms};
use crate::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::fleet::StationNumber;
use domain::ids::{CustomerId, RolloutId};
use domain::release::BuildVersion;
use domain::wire::signal::UpdateStateWord;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Value};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub struct Mailing {
    pub id: Uuid,
    pub rollout: RolloutId,
    /// With the rollout and the customer, what makes each letter unique.
    pub key: String,
    /// What it tells.
    pub occasion: Json,
    /// The last customer who was written to.
    pub after: Option<CustomerId>,
    pub created_at: DateTime<Utc>,
}

pub async fn open(conn: &impl Connection, new: &Mailing) -> Result<()> {
    let row = Model {
        id: new.id,
        rollout_id: new.rollout.uuid(),
        key: new.key.clone(),
        occasion: new.occasion.clone(),
        after_customer_id: new.after.map(CustomerId::uuid),
        created_ms: ms(new.created_at),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// The oldest that is not done, after the mailing `after`. Ids are made in the order of time.
pub async fn oldest(conn: &impl Connection, after: Option<Uuid>) -> Result<Option<Mailing>> {
    let later = Condition::all().add_option(after.map(|after| Column::Id.gt(after)));
    let row = Entity::find().filter(later).order_by_asc(Column::Id).limit(1).one(conn).await?;
    let Some(row) = row else { return Ok(None) };
    let at = Row::new("mailing", row.id).at(row.created_ms)?;
    Ok(Some(Mailing {
        id: row.id,
        rollout: RolloutId::new(row.rollout_id),
        key: row.key,
        occasion: row.occasion,
        after: row.after_customer_id.map(CustomerId::new),
        created_at: at,
    }))
}

/// Updates of one customer by station and state. What its owner took ahead counts as succeeded: its build runs there.
pub type Aboard = Vec<(Option<StationNumber>, UpdateStateWord, u32)>;

/// At most `limit` customers of the rollout after the mark, ascending, each with their updates; with `only`, that one
/// alone; with `runs`, only updates of environments that run this build now.
pub async fn next(
    conn: &impl Connection,
    mailing: &Mailing,
    only: Option<CustomerId>,
    runs: Option<BuildVersion>,
    limit: u64,
) -> Result<Vec<(CustomerId, Aboard)>> {
    let mut customers = estate::Entity::find()
        .select_only()
        .column(estate::Column::CustomerId)
        .filter(estate::Column::RolloutId.eq(mailing.rollout.uuid()))
        .filter(Condition::all().add_option(only.map(|only| estate::Column::CustomerId.eq(only.uuid()))))
        .order_by_asc(estate::Column::CustomerId)
        .limit(limit);
    if let Some(after) = mailing.after {
        customers = customers.filter(estate::Column::CustomerId.gt(after.uuid()));
    }
    let ids: Vec<Uuid> = customers.into_tuple().all(conn).await?;
    let mut counts: BTreeMap<(Uuid, Option<i16>, String), i64> = BTreeMap::new();
    for chunk in environments_of(conn, &ids, runs).await?.chunks(IDS_PER_QUERY) {
        for (customer, station, state, count) in aboard(conn, mailing.rollout, chunk).await? {
            *counts.entry((customer, station, state)).or_default() += count;
        }
    }
    let mut found: BTreeMap<Uuid, Aboard> = ids.into_iter().map(|id| (id, Vec::new())).collect();
    let row = Row::new("environment_update of rollout", mailing.rollout);
    for ((customer, station, state), count) in counts {
        let station = station.map(|station| row.number(station).map(StationNumber)).transpose()?;
        let word = row.word(&state, UpdateStateWord::from_key)?;
        found.entry(customer).or_default().push((station, word, row.number(count)?));
    }
    Ok(found.into_iter().map(|(id, counts)| (CustomerId::new(id), counts)).collect())
}

async fn environments_of(conn: &impl Connection, customers: &[Uuid], runs: Option<BuildVersion>) -> Result<Vec<Uuid>> {
    let build = runs.map(|build| environment::Column::Build.eq(build.to_string()));
    let theirs = environment::Entity::find().select_only().column(environment::Column::Id);
    let theirs = theirs.filter(environment::Column::CustomerId.is_in(customers.iter().copied()));
    let theirs = theirs.filter(Condition::all().add_option(build));
    Ok(theirs.into_tuple().all(conn).await?)
}

/// By their environments: asked for customers, a database walks through everybody aboard.
async fn aboard(
    conn: &impl Connection,
    rollout: RolloutId,
    environments: &[Uuid],
) -> Result<Vec<(Uuid, Option<i16>, String, i64)>> {
    let word = || {
        Expr::cust("case when environment_update.pulled_ms is null then environment_update.state else 'succeeded' end")
    };
    let counts = u::Entity::find()
        .select_only()
        .columns([u::Column::CustomerId, u::Column::Station])
        .expr_as(word(), "word")
        .column_as(Expr::col(u::Column::Id).count(), "updates")
        .filter(u::Column::RolloutId.eq(rollout.uuid()))
        .filter(u::Column::EnvironmentId.is_in(environments.iter().copied()))
        .group_by(u::Column::CustomerId)
        .group_by(u::Column::Station)
        .group_by(word());
    Ok(counts.into_tuple().all(conn).await?)
}

/// These were written to. Conflict where another writer was faster.
pub async fn advance(conn: &impl Connection, mailing: &Mailing, to: CustomerId) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(Column::AfterCustomerId, Expr::value(Value::from(Some(to.uuid()))))
        .filter(Column::Id.eq(mailing.id))
        .filter(mark(mailing))
        .exec(conn)
        .await?;
    ensure_one(changed.rows_affected, || format!("mailing {} has moved on", mailing.id))
}

/// Everybody was written to.
pub async fn close(conn: &impl Connection, mailing: &Mailing) -> Result<()> {
    let changed = Entity::delete_many().filter(Column::Id.eq(mailing.id)).filter(mark(mailing)).exec(conn).await?;
    ensure_one(changed.rows_affected, || format!("mailing {} has moved on", mailing.id))
}

fn mark(mailing: &Mailing) -> Expr {
    match mailing.after {
        Some(after) => Column::AfterCustomerId.eq(after.uuid()),
        None => Column::AfterCustomerId.is_null(),
    }
}
