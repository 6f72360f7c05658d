//! Updates: one environment's move within one rollout. Writing is by compare-and-set; the database itself refuses a
//! second running update of an environment. Lists of updates are in `lists`.

mod columns;
mod lists;

pub(crate) use lists::running_now;
pub use lists::{
    InRollout, RunningUpdate, UpdateFilter, WithRollout, of_customer_between, of_customer_open, of_environment,
    of_rollout, running,
};

use crate::entity::environment_update::{ActiveModel, Column, Entity, Model};
use crate::row::{IDS_PER_QUERY, ROWS_PER_INSERT, ensure_found, ensure_one, json, ms};
use crate::{Connection, Error, Result, environment, keys};
use chrono::{DateTime, Utc};
use columns::{StateColumns, tag};
use domain::fleet::StageKey;
use domain::ids::{CustomerId, EnvironmentId, RolloutId, UpdateId};
use domain::rollout::{EnvironmentReason, UpdateState};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Set, Value};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUpdate {
    pub id: UpdateId,
    pub rollout: RolloutId,
    pub environment: EnvironmentId,
    pub customer: CustomerId,
    pub stage: Option<StageKey>,
    /// The production that it moves with.
    pub follows: Option<EnvironmentId>,
    pub state: UpdateState,
    pub reasons: Vec<EnvironmentReason>,
    pub next: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    pub id: UpdateId,
    pub rollout: RolloutId,
    pub environment: EnvironmentId,
    pub customer: CustomerId,
    pub stage: Option<StageKey>,
    pub follows: Option<EnvironmentId>,
    pub state: UpdateState,
    pub reasons: Vec<EnvironmentReason>,
    pub next: Option<DateTime<Utc>>,
    pub attempts: u8,
    /// When the last attempt that failed ended, whatever came after it.
    pub last_failed_at: Option<DateTime<Utc>>,
    /// When this attempt was handed to the deployer, or was about to be; `None` while nothing can have touched the
    /// environment.
    pub dispatched_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub generation: i64,
}

/// What the writer believes to overwrite.
#[derive(Debug, Clone, Copy)]
pub enum Expect<'a> {
    Generation(i64),
    /// The same state and, where it has one, the same night.
    State(&'a UpdateState),
}

/// Conflict where an environment is enrolled in that rollout, or already runs an update.
pub async fn enrol_many(conn: &impl Connection, updates: Vec<NewUpdate>) -> Result<()> {
    let mut enrolled: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for new in &updates {
        enrolled.entry(new.rollout.uuid()).or_default().push(new.environment.uuid());
    }
    for chunk in updates.chunks(ROWS_PER_INSERT) {
        let rows = chunk.iter().map(new_row).collect::<Result<Vec<_>>>()?;
        Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    for (rollout, environments) in enrolled {
        environment::note_enrolled(conn, rollout, &environments).await?;
    }
    Ok(())
}

fn new_row(new: &NewUpdate) -> Result<ActiveModel> {
    Ok(ActiveModel {
        id: Set(new.id.uuid()),
        rollout_id: Set(new.rollout.uuid()),
        environment_id: Set(new.environment.uuid()),
        customer_id: Set(new.customer.uuid()),
        station: Set(new.stage.map(|stage| stage.station.0.into())),
        audience: Set(new.stage.map(|stage| keys::audience(stage.audience).to_owned())),
        follows_id: Set(new.follows.map(EnvironmentId::uuid)),
        reasons: Set(json(&new.reasons)?),
        next_ms: Set(new.next.map(ms)),
        attempts: Set(0),
        dispatched_ms: Set(None),
        created_ms: Set(ms(new.created_at)),
        generation: Set(1),
        ..StateColumns::of(&new.state)?.set()
    })
}

pub async fn get(conn: &impl Connection, id: UpdateId) -> Result<Option<Update>> {
    Entity::find_by_id(id.uuid()).one(conn).await?.map(Update::try_from).transpose()
}

pub(crate) async fn many(conn: &impl Connection, ids: Vec<Uuid>) -> Result<HashMap<UpdateId, Update>> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(IDS_PER_QUERY) {
        let rows = Entity::find().filter(Column::Id.is_in(chunk.iter().copied())).all(conn).await?;
        for row in rows {
            found.insert(UpdateId::new(row.id), Update::try_from(row)?);
        }
    }
    Ok(found)
}

/// Gives the new generation. Conflict where the update is not what the writer believes, or where its environment
/// already runs another update; [`Error::NotFound`] where there is no such update.
pub async fn save_state(
    conn: &impl Connection,
    id: UpdateId,
    expect: Expect<'_>,
    state: &UpdateState,
    attempts: u8,
) -> Result<i64> {
    let mut set = ActiveModel { attempts: Set(attempts.into()), ..StateColumns::of(state)?.set() };
    if let UpdateState::Failed { failed_at, .. } = state {
        set.last_failed_ms = Set(Some(ms(*failed_at)));
    }
    let changed: Vec<Model> = Entity::update_many()
        .set(set)
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(id.uuid()))
        .filter(expected(expect))
        .exec_with_returning(conn)
        .await?;
    let Some(row) = changed.first() else {
        return Err(match Entity::find_by_id(id.uuid()).one(conn).await? {
            Some(row) => Error::conflict(format!("update {id} is {} at generation {}", row.state, row.generation)),
            None => Error::NotFound,
        });
    };
    environment::note_state(conn, row.environment_id, id, state.word()).await?;
    Ok(row.generation)
}

/// Claims the dispatch of a started update, before anything outside hears of it. Conflict where another writer was faster
/// or it does not wait for its application.
pub async fn claim_dispatch(conn: &impl Connection, id: UpdateId, generation: i64, now: DateTime<Utc>) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(Column::DispatchedMs, Expr::value(Value::from(Some(ms(now)))))
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Generation.eq(generation))
        .filter(Column::State.eq("in_progress"))
        .exec(conn)
        .await?;
    ensure_one(changed.rows_affected, || {
        format!("update {id} does not wait for its dispatch at generation {generation}")
    })
}

fn expected(expect: Expect<'_>) -> Condition {
    match expect {
        Expect::Generation(generation) => Condition::all().add(Column::Generation.eq(generation)),
        Expect::State(state) => Condition::all()
            .add(Column::State.eq(tag(state)))
            .add_option(state.night().map(|night| Column::NightStartMs.eq(ms(night.start)))),
    }
}

/// Binds the stage of an update that was enrolled without one, and whom it follows. A bound stage stays.
pub async fn bind_stage(
    conn: &impl Connection,
    id: UpdateId,
    stage: StageKey,
    follows: Option<EnvironmentId>,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Station, Expr::value(i32::from(stage.station.0)))
        .col_expr(Column::Audience, Expr::value(crate::keys::audience(stage.audience)))
        .col_expr(Column::FollowsId, Expr::value(follows.map(EnvironmentId::uuid)))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Station.is_null())
        .exec(conn)
        .await?;
    Ok(())
}

/// Why it waits and when next. The generation stays: reasons are no part of what writers decide on.
pub async fn save_reasons(
    conn: &impl Connection,
    id: UpdateId,
    reasons: &[EnvironmentReason],
    next: Option<DateTime<Utc>>,
) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(Column::Reasons, Expr::value(json(&reasons)?))
        .col_expr(Column::NextMs, Expr::value(Value::from(next.map(ms))))
        .filter(Column::Id.eq(id.uuid()))
        .exec(conn)
        .await?;
    ensure_found(changed.rows_affected)
}
