//! Updates: one environment's move within one rollout. Writing is by compare-and-set; the database itself refuses a
//! second running update of an environment. Lists of updates are in `lists`, changes of state in `moves`.

mod affected;
mod columns;
pub(crate) mod counts;
mod lists;
mod moves;

pub use affected::{Affected, AnnouncedNight, ExpectedNight, affected, announced_between, expected_between};
pub use lists::{
    InRollout, RunningUpdate, UpdateFilter, WithRollout, failed_sandboxes, in_rollout, of_customer_between,
    of_customer_open, of_environment, of_rollout, running, running_of, with_names,
};
pub(crate) use lists::{announced_now, running_now};
pub use moves::{Expect, Move, Step, save_moves, save_state, save_steps};

use crate::entity::environment_update::{ActiveModel, Column, Entity, Model};
use crate::row::{IDS_PER_QUERY, ROWS_PER_INSERT, ensure_all_found, ensure_found, ensure_one, json, ms};
use crate::{Connection, Error, Result, environment, estate, keys};
use chrono::{DateTime, Utc};
use columns::StateColumns;
use counts::CountKey;
use domain::fleet::StageKey;
use domain::ids::{CustomerId, EnvironmentId, RolloutId, UpdateId};
use domain::pull_ahead::Booked;
use domain::rollout::{EnvironmentReason, Part, UpdateState};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, NotSet, QueryFilter, QuerySelect, Set, Value};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Updates explained by one statement, which compares each with all of them.
const EXPLAINED_AT_ONCE: usize = 100;

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
    pub part: Part,
    pub early: bool,
    /// In the order of starts.
    pub place: u64,
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
    /// When the last attempt that failed ended, whatever came after it but a late word that it is healthy.
    pub last_failed_at: Option<DateTime<Utc>>,
    /// When this attempt was handed to the deployer, or was about to be; `None` while nothing can have touched the
    /// environment.
    pub dispatched_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub generation: i64,
    /// What it counts for in its stage, and whether it goes first.
    pub part: Part,
    pub early: bool,
    /// Its owner takes it ahead, or took it so.
    pub pull: Option<Booked>,
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
    counts::add_all(conn, updates.iter().map(CountKey::of_new)).await?;
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
        part: Set(new.part.key().to_owned()),
        early: Set(new.early),
        place: Set(order_of(new.place)),
        ..StateColumns::of(&new.state)?.set()
    })
}

/// Half as fine as the place itself, so that it fits: whose places then are equal go by their ids.
fn order_of(place: u64) -> i64 {
    i64::try_from(place / 2).unwrap_or(i64::MAX)
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

/// The row, kept from other writers until the transaction ends.
async fn locked(conn: &impl Connection, id: UpdateId) -> Result<Model> {
    Entity::find_by_id(id.uuid()).lock_exclusive().one(conn).await?.ok_or(Error::NotFound)
}

/// What it counts for from now on, and whether it goes first. The generation stays: neither is part of what writers
/// decide on.
pub async fn assign(conn: &impl Connection, id: UpdateId, part: Part, early: bool) -> Result<()> {
    let from = CountKey::of(&locked(conn, id).await?);
    Entity::update_many()
        .col_expr(Column::Part, Expr::value(part.key()))
        .col_expr(Column::Early, Expr::value(early))
        .filter(Column::Id.eq(id.uuid()))
        .exec(conn)
        .await?;
    let to = CountKey { part: part.key().to_owned(), ..from.clone() };
    counts::shift(conn, [(from, to)]).await
}

/// Its owner takes it ahead, or does not any more. The generation stays: it is written beside a change of the state.
/// Another train may have announced that very night, and gives way (rule R1): the estate is looked at in all of them.
pub async fn set_pull(conn: &impl Connection, id: UpdateId, pull: Option<&Booked>) -> Result<()> {
    if pull.is_some() {
        estate::touch(conn, [locked(conn, id).await?.customer_id]).await?;
    }
    let pull = pull.map(json).transpose()?;
    let changed = Entity::update_many()
        .set(ActiveModel { pull: Set(pull), ..Default::default() })
        .filter(Column::Id.eq(id.uuid()))
        .exec(conn)
        .await?;
    ensure_found(changed.rows_affected)
}

/// It is healthy after all, by its own agent, and what failed counts no more; or that is taken back, and it counts since
/// then. Who decided on it decides anew.
pub async fn set_last_failed(conn: &impl Connection, id: UpdateId, at: Option<DateTime<Utc>>) -> Result<()> {
    let before = locked(conn, id).await?;
    Entity::update_many()
        .col_expr(Column::LastFailedMs, Expr::value(Value::from(at.map(ms))))
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(id.uuid()))
        .exec(conn)
        .await?;
    estate::touch_in(conn, [(before.rollout_id, before.customer_id)]).await
}

/// The last attempt failed, and neither a later one nor what its owner took ahead mended it: as
/// `UpdateFacts::unmended_failure` has it. The first condition is that of the partial index.
pub(crate) fn is_unmended() -> Condition {
    Condition::all()
        .add(Column::LastFailedMs.is_not_null())
        .add(Column::State.ne("succeeded"))
        .add(Column::PulledMs.is_null())
}

/// Claims the dispatch of a started update, before anything outside hears of it. Conflict where another writer was faster
/// or it does not wait for its application.
pub async fn claim_dispatch(conn: &impl Connection, id: UpdateId, generation: i64, now: DateTime<Utc>) -> Result<()> {
    claim(conn, id, generation, ActiveModel { dispatched_ms: Set(Some(ms(now))), ..Default::default() }).await
}

/// As [`claim_dispatch`], by an agent that comes for its order in its own time: the update runs since then. Taken again, it
/// runs since the first time.
pub async fn take(conn: &impl Connection, update: &Update, now: DateTime<Utc>) -> Result<()> {
    let began = if update.dispatched_at.is_none() { Set(Some(ms(now))) } else { NotSet };
    let taken = ActiveModel { dispatched_ms: Set(Some(ms(now))), started_ms: began, ..Default::default() };
    claim(conn, update.id, update.generation, taken).await
}

async fn claim(conn: &impl Connection, id: UpdateId, generation: i64, set: ActiveModel) -> Result<()> {
    let changed = Entity::update_many()
        .set(set)
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

/// Binds the stage of an update that was enrolled without one, and whom it follows. A bound stage stays.
pub async fn bind_stage(
    conn: &impl Connection,
    id: UpdateId,
    stage: StageKey,
    follows: Option<EnvironmentId>,
) -> Result<()> {
    let before = locked(conn, id).await?;
    if before.station.is_some() {
        return Ok(());
    }
    let (station, audience) = (i16::from(stage.station.0), keys::audience(stage.audience));
    Entity::update_many()
        .col_expr(Column::Station, Expr::value(station))
        .col_expr(Column::Audience, Expr::value(audience))
        .col_expr(Column::FollowsId, Expr::value(follows.map(EnvironmentId::uuid)))
        .filter(Column::Id.eq(id.uuid()))
        .exec(conn)
        .await?;
    let from = CountKey::of(&before);
    let to = CountKey { station, audience: audience.to_owned(), ..from.clone() };
    counts::shift(conn, [(from, to)]).await
}

/// An update, why it waits and when next.
pub type Explained<'a> = (UpdateId, &'a [EnvironmentReason], Option<DateTime<Utc>>);

/// As [`save_reasons`], for many. No update twice.
pub async fn explain(conn: &impl Connection, all: &[Explained<'_>]) -> Result<()> {
    let of = |id: &UpdateId| Expr::col(Column::Id).eq(id.uuid());
    for chunk in all.chunks(EXPLAINED_AT_ONCE) {
        let (mut reasons, mut next) = (CaseStatement::new(), CaseStatement::new());
        for (id, why, at) in chunk {
            reasons = reasons.case(of(id), Expr::value(json(why)?));
            next = next.case(of(id), Expr::value(Value::from(at.map(ms))));
        }
        let changed = Entity::update_many()
            .col_expr(Column::Reasons, reasons.into())
            .col_expr(Column::NextMs, next.into())
            .filter(Column::Id.is_in(chunk.iter().map(|(id, ..)| id.uuid())))
            .exec(conn)
            .await?;
        ensure_all_found(changed.rows_affected, chunk.len())?;
    }
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
