//! Rollouts with their stages and approvals. `load_facts` is what the planner sees; every change is preceded by
//! [`bump`], which only one of several writers wins.

mod columns;
mod facts;
mod promotion;
mod rest;

pub use facts::{ESTATES_PER_PLAN, Loaded, Reach, Shelf, load_facts, load_facts_with};
pub(crate) use promotion::all_approvals;
pub use promotion::{add_approval, approvals, approvers, drop_approval, promotion};
pub(crate) use rest::rouse_halted;
pub use rest::{Marks, REST_MAX, awake, rest};

use crate::entity::rollout::{ActiveModel, Column, Entity, Model};
use crate::entity::{build, stage, update_count as counter};
use crate::row::{Row, ensure_found, ensure_one, json, ms};
use crate::{Connection, Result, digest, keys};
use chrono::{DateTime, NaiveDate, Utc};
use columns::{new_row, set_stage_state, stage_row, to_rollout, to_stage};
use domain::calendar::StageWindow;
use domain::fleet::StageKey;
use domain::ids::{BuildId, RecoveryId, RolloutId};
use domain::release::{BuildVersion, TrainId};
use domain::rollout::{
    Edited, HaltCause, RolloutKind, RolloutPolicy, RolloutReport, RolloutState, StageFacts, StageState,
};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRollout {
    pub id: RolloutId,
    pub train: TrainId,
    pub build: BuildId,
    pub cadence: String,
    pub start: NaiveDate,
    pub policy: RolloutPolicy,
    /// One for each stage, as the cadence gives them for `start`.
    pub windows: Vec<StageWindow>,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    pub id: RolloutId,
    pub train: TrainId,
    pub build: BuildId,
    pub version: BuildVersion,
    pub cadence: String,
    pub start: NaiveDate,
    pub policy: RolloutPolicy,
    pub state: RolloutState,
    /// Of the last plan; empty before the first, and where it was not asked for.
    pub report: RolloutReport,
    pub created_at: DateTime<Utc>,
    /// The last change of what is approved.
    pub edited: Option<Edited>,
    pub generation: i64,
    pub descent: Descent,
}

/// What a rollout comes from, where it serves a recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Descent {
    pub kind: RolloutKind,
    /// Names the environments that go back.
    pub recovery: Option<RecoveryId>,
    /// The halted rollout whose place it takes.
    pub supersedes: Option<RolloutId>,
}

/// As much of a rollout as its updates show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutHead {
    pub id: RolloutId,
    pub train: TrainId,
    pub build: BuildVersion,
    pub state: RolloutState,
    pub start: NaiveDate,
    pub policy: RolloutPolicy,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RolloutFilter {
    /// Keys as `RolloutState::key` gives them; empty for all.
    pub states: Vec<&'static str>,
    pub build: Option<BuildId>,
    pub train: Option<TrainId>,
}

/// As a draft, with its stages waiting.
pub async fn insert(conn: &impl Connection, new: &NewRollout) -> Result<()> {
    Entity::insert(new_row(new)?).exec_without_returning(conn).await?;
    let stages = new.windows.iter().map(|window| stage_row(new.id, window).into_active_model());
    stage::Entity::insert_many(stages).exec_without_returning(conn).await?;
    Ok(())
}

pub async fn find(conn: &impl Connection, id: RolloutId) -> Result<Option<Rollout>> {
    found(conn, Entity::find_by_id(id.uuid()).one(conn).await?).await
}

/// As [`find`], but its report, which is longer than all the rest, is not read.
pub async fn find_unreported(conn: &impl Connection, id: RolloutId) -> Result<Option<Rollout>> {
    found(conn, unreported().filter(Column::Id.eq(id.uuid())).one(conn).await?).await
}

/// As [`find_unreported`]; nobody changes it until the transaction ends. A halt that is first is seen, one that is later
/// waits.
pub async fn find_and_hold(conn: &impl Connection, id: RolloutId) -> Result<Option<Rollout>> {
    found(conn, unreported().filter(Column::Id.eq(id.uuid())).lock_shared().one(conn).await?).await
}

/// Every column but the report, in whose place nothing stands.
fn unreported() -> Select<Entity> {
    let others = Column::iter().filter(|column| !matches!(column, Column::Report));
    let select = others.fold(Entity::find().select_only(), Select::column);
    select.column_as(Expr::value(Json::Null), Column::Report)
}

async fn found(conn: &impl Connection, model: Option<Model>) -> Result<Option<Rollout>> {
    let Some(model) = model else {
        return Ok(None);
    };
    let versions = versions(conn, BTreeSet::from([model.build_id])).await?;
    with_version(model, &versions).map(Some)
}

/// Newest first.
pub async fn list(conn: &impl Connection, filter: &RolloutFilter) -> Result<Vec<Rollout>> {
    listed(conn, Entity::find(), filter).await
}

/// As [`list`], without the reports.
pub async fn list_unreported(conn: &impl Connection, filter: &RolloutFilter) -> Result<Vec<Rollout>> {
    listed(conn, unreported(), filter).await
}

async fn listed(conn: &impl Connection, select: Select<Entity>, filter: &RolloutFilter) -> Result<Vec<Rollout>> {
    let newest = select.filter(matching(filter)).order_by_desc(Column::CreatedMs).order_by_desc(Column::Id);
    let rows = newest.all(conn).await?;
    let versions = versions(conn, rows.iter().map(|row| row.build_id).collect()).await?;
    rows.into_iter().map(|model| with_version(model, &versions)).collect()
}

/// The ids alone, ascending: what has to go on although one of the rows cannot be read. Also the order in which several
/// rollouts are bumped in one transaction, so that two such transactions never wait for each other.
pub async fn ids(conn: &impl Connection, filter: &RolloutFilter) -> Result<Vec<RolloutId>> {
    let rows = Entity::find().select_only().column(Column::Id).filter(matching(filter)).order_by_asc(Column::Id);
    let ids: Vec<Uuid> = rows.into_tuple().all(conn).await?;
    Ok(ids.into_iter().map(RolloutId::new).collect())
}

/// Every halted rollout, and by whom or what, where that can be read: what stands still is told although one row is broken.
pub async fn halt_causes(conn: &impl Connection) -> Result<Vec<(RolloutId, Option<HaltCause>)>> {
    let rows = Entity::find().select_only().columns([Column::Id, Column::HaltCause]).filter(Column::State.eq("halted"));
    let rows: Vec<(Uuid, Option<Json>)> = rows.into_tuple().all(conn).await?;
    let read = |cause: Json| serde_json::from_value(cause).ok();
    Ok(rows.into_iter().map(|(id, cause)| (RolloutId::new(id), cause.and_then(read))).collect())
}

fn matching(filter: &RolloutFilter) -> Condition {
    Condition::all()
        .add_option((!filter.states.is_empty()).then(|| Column::State.is_in(filter.states.iter().copied())))
        .add_option(filter.build.map(|id| Column::BuildId.eq(id.uuid())))
        .add_option(filter.train.map(|train| Column::ServiceUpdate.eq(train.service_update.to_string())))
        .add_option(filter.train.map(|train| Column::TrainNumber.eq(i32::from(train.number))))
}

/// As text: of several builds, one that cannot be read must not hide the others.
type Versions = HashMap<Uuid, String>;

async fn versions(conn: &impl Connection, builds: BTreeSet<Uuid>) -> Result<Versions> {
    if builds.is_empty() {
        return Ok(Versions::new());
    }
    let rows = build::Entity::find().filter(build::Column::Id.is_in(builds)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.version)).collect())
}

fn version_of(model: &Model, versions: &Versions) -> Result<BuildVersion> {
    let row = Row::new("rollout", RolloutId::new(model.id));
    let version = versions.get(&model.build_id).ok_or_else(|| row.wrong("its build does not exist"))?;
    Row::new("build", BuildId::new(model.build_id)).parse(version)
}

/// Train, build and descent of the given rollouts, each read by itself.
pub(crate) async fn names(
    conn: &impl Connection,
    ids: BTreeSet<Uuid>,
) -> Result<HashMap<Uuid, Result<(TrainId, BuildVersion, Descent)>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = unreported().filter(Column::Id.is_in(ids)).all(conn).await?;
    let versions = versions(conn, rows.iter().map(|row| row.build_id).collect()).await?;
    let read = |model: &Model| {
        let row = Row::new("rollout", RolloutId::new(model.id));
        let train = columns::train(&row, model)?;
        Ok((train, version_of(model, &versions)?, columns::descent(&row, model)?))
    };
    Ok(rows.iter().map(|model| (model.id, read(model))).collect())
}

fn with_version(model: Model, versions: &Versions) -> Result<Rollout> {
    let version = version_of(&model, versions)?;
    to_rollout(model, version)
}

/// Heads and windows of the given rollouts.
pub(crate) async fn heads(
    conn: &impl Connection,
    ids: BTreeSet<Uuid>,
) -> Result<HashMap<Uuid, (RolloutHead, Vec<StageWindow>)>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = unreported().filter(Column::Id.is_in(ids.iter().copied())).all(conn).await?;
    let stages = stage::Entity::find().filter(stage::Column::RolloutId.is_in(ids)).all(conn).await?;
    let versions = versions(conn, rows.iter().map(|row| row.build_id).collect()).await?;
    let mut heads = HashMap::with_capacity(rows.len());
    for mut model in rows {
        let row = Row::new("rollout", RolloutId::new(model.id));
        let head = RolloutHead {
            id: RolloutId::new(model.id),
            train: columns::train(&row, &model)?,
            build: version_of(&model, &versions)?,
            state: columns::state(&row, &mut model)?,
            start: model.start_date,
            policy: row.json(model.policy.clone())?,
        };
        let own = stages.iter().filter(|stage| stage.rollout_id == model.id);
        heads.insert(model.id, (head, own.map(columns::window).collect::<Result<_>>()?));
    }
    Ok(heads)
}

/// Gives the new generation; Conflict where another writer was faster. Called first in every change of a rollout, whose rest
/// is over with it.
pub async fn bump(conn: &impl Connection, id: RolloutId, generation: i64) -> Result<i64> {
    conclude(conn, (id, generation), None, None).await
}

/// As [`bump`], with what a plan leaves behind beside its actions: its report, where that is news, and its rest, where nothing
/// is to be done until then.
pub async fn conclude(
    conn: &impl Connection,
    (id, generation): (RolloutId, i64),
    report: Option<&RolloutReport>,
    rest: Option<(DateTime<Utc>, Marks)>,
) -> Result<i64> {
    let mut columns = report.map(said).transpose()?.unwrap_or_default();
    rest::lay(&mut columns, rest);
    let changed = Entity::update_many()
        .set(columns)
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Generation.eq(generation))
        .exec(conn)
        .await?;
    ensure_one(changed.rows_affected, || format!("rollout {id} is no longer at generation {generation}"))?;
    Ok(generation + 1)
}

pub async fn set_state(conn: &impl Connection, id: RolloutId, state: &RolloutState) -> Result<()> {
    set(conn, id, columns::set_state(state)?).await
}

/// Said once, of a draft.
pub async fn set_descent(conn: &impl Connection, id: RolloutId, descent: &Descent) -> Result<()> {
    set(conn, id, columns::set_descent(descent)).await
}

/// Of one recovery, ascending.
pub async fn of_recovery(conn: &impl Connection, recovery: RecoveryId) -> Result<Vec<Rollout>> {
    let rows = Entity::find().filter(Column::RecoveryId.eq(recovery.uuid())).order_by_asc(Column::Id).all(conn).await?;
    let versions = versions(conn, rows.iter().map(|row| row.build_id).collect()).await?;
    rows.into_iter().map(|model| with_version(model, &versions)).collect()
}

pub async fn set_report(conn: &impl Connection, id: RolloutId, report: &RolloutReport) -> Result<()> {
    set(conn, id, said(report)?).await
}

fn said(report: &RolloutReport) -> Result<ActiveModel> {
    Ok(ActiveModel {
        report: sea_orm::Set(json(report)?),
        report_digest: sea_orm::Set(Some(digest::of(report)?.to_string())),
        ..Default::default()
    })
}

/// An edit of what is approved: whatever was approved before counts no more.
pub async fn set_policy(conn: &impl Connection, id: RolloutId, policy: &RolloutPolicy, edit: &Edited) -> Result<()> {
    let columns = ActiveModel {
        policy: sea_orm::Set(json(policy)?),
        edited_ms: sea_orm::Set(Some(ms(edit.at))),
        edited_by: sea_orm::Set(Some(json(&edit.by)?)),
        ..Default::default()
    };
    set(conn, id, columns).await
}

async fn set(conn: &impl Connection, id: RolloutId, columns: ActiveModel) -> Result<()> {
    let changed = Entity::update_many().set(columns).filter(Column::Id.eq(id.uuid())).exec(conn).await?;
    ensure_found(changed.rows_affected)
}

/// By station, sandbox before production.
pub async fn stages(conn: &impl Connection, id: RolloutId) -> Result<Vec<StageFacts>> {
    ordered(&stage_rows(conn, id).await?)
}

/// Of every rollout, each as [`stages`] gives them.
pub(crate) async fn all_stages(conn: &impl Connection) -> Result<HashMap<RolloutId, Vec<StageFacts>>> {
    let mut rows: HashMap<RolloutId, Vec<stage::Model>> = HashMap::new();
    for row in stage::Entity::find().all(conn).await? {
        rows.entry(RolloutId::new(row.rollout_id)).or_default().push(row);
    }
    rows.into_iter().map(|(id, rows)| Ok((id, ordered(&rows)?))).collect()
}

async fn stage_rows(conn: &impl Connection, id: RolloutId) -> Result<Vec<stage::Model>> {
    Ok(stage::Entity::find().filter(stage::Column::RolloutId.eq(id.uuid())).all(conn).await?)
}

fn ordered(rows: &[stage::Model]) -> Result<Vec<StageFacts>> {
    let mut stages = rows.iter().map(to_stage).collect::<Result<Vec<_>>>()?;
    stages.sort_by_key(|stage| stage.key);
    Ok(stages)
}

pub async fn set_stage(conn: &impl Connection, id: RolloutId, key: StageKey, state: StageState) -> Result<()> {
    let changed = stage::Entity::update_many()
        .set(set_stage_state(state))
        .filter(stage::Column::RolloutId.eq(id.uuid()))
        .filter(stage::Column::Station.eq(i16::from(key.station.0)))
        .filter(stage::Column::Audience.eq(keys::audience(key.audience)))
        .exec(conn)
        .await?;
    ensure_found(changed.rows_affected)
}

/// The rollout is resumed: what had succeeded until now counts no more in the test on failures.
pub async fn count_anew(conn: &impl Connection, id: RolloutId) -> Result<()> {
    let of_stage = |column| Expr::col((stage::Entity, column));
    let succeeded = Query::select()
        .expr(Expr::col(counter::Column::Updates).sum())
        .from(counter::Entity)
        .and_where(Expr::col((counter::Entity, counter::Column::RolloutId)).eq(id.uuid()))
        .and_where(Expr::col((counter::Entity, counter::Column::Station)).eq(of_stage(stage::Column::Station)))
        .and_where(Expr::col((counter::Entity, counter::Column::Audience)).eq(of_stage(stage::Column::Audience)))
        .and_where(Expr::col((counter::Entity, counter::Column::State)).eq("succeeded"))
        .take();
    let none = Expr::value(0_i64);
    stage::Entity::update_many()
        .col_expr(stage::Column::SucceededBefore, Func::coalesce([Expr::from(succeeded), none]).into())
        .filter(stage::Column::RolloutId.eq(id.uuid()))
        .exec(conn)
        .await?;
    Ok(())
}
