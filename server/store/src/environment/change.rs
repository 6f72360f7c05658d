//! Changes of environments, each with its counters and its history. All of them belong into a transaction.

use super::columns::{designation, new_row, place, place_sql};
use super::{Environment, HistoryEntry, NewEnvironment};
use crate::deployment::{CountKey, count_down, count_up};
use crate::entity::environment::{ActiveModel, Column, Entity, Model};
use crate::entity::{deployment, environment_update as u};
use crate::row::{IDS_PER_QUERY, ROWS_PER_INSERT, ensure_one, ms, sort_key};
use crate::{Connection, Error, Result, catalogue, dialect, estate};
use chrono::{DateTime, NaiveDate, Utc};
use domain::calendar::DaySet;
use domain::fleet::{Designation, Exemption, StationNumber};
use domain::ids::{EnvironmentId, RolloutId};
use domain::release::{BuildVersion, ServiceUpdate};
use domain::wire::signal::UpdateStateWord;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Registers environments, with what they run as the first line of their history.
pub async fn insert_many(conn: &impl Connection, environments: Vec<NewEnvironment>) -> Result<()> {
    let regions: HashMap<String, Option<StationNumber>> =
        catalogue::regions(conn).await?.into_iter().map(|region| (region.slug, region.station)).collect();
    let of_region = |slug: &str| regions.get(slug).copied().flatten();
    let mut rows: Vec<Model> = environments.iter().map(|new| new_row(new, of_region(&new.region))).collect();
    // A follower comes after what it follows, or its foreign key has nothing to point at.
    rows.sort_by_key(|row| row.follows_id.is_some());
    let mut counts: BTreeMap<CountKey, i64> = BTreeMap::new();
    for row in &rows {
        *counts.entry(CountKey::of(row)).or_default() += 1;
    }
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let models = chunk.iter().map(|row| row.clone().into_active_model());
        Entity::insert_many(models).exec_without_returning(conn).await?;
        let first = chunk.iter().map(|row| history_row(row, None).into_active_model());
        deployment::Entity::insert_many(first).exec_without_returning(conn).await?;
    }
    for (key, count) in counts {
        count_up(conn, &key, count).await?;
    }
    let customers: BTreeSet<Uuid> = rows.iter().map(|row| row.customer_id).collect();
    dialect::lock_aboard(conn).await?;
    estate::touch(conn, customers).await
}

fn history_row(row: &Model, rollout: Option<RolloutId>) -> deployment::Model {
    deployment::Model {
        environment_id: row.id,
        since_ms: row.build_since_ms,
        build: row.build.clone(),
        service_update: row.service_update.clone(),
        platform_build: row.platform_build.clone(),
        rollout_id: rollout.map(RolloutId::uuid),
    }
}

/// What ran on environments before they were registered here.
pub async fn insert_history(conn: &impl Connection, before: &[(EnvironmentId, HistoryEntry)]) -> Result<()> {
    let rows = before.iter().map(|(id, entry)| deployment::Model {
        environment_id: id.uuid(),
        since_ms: ms(entry.since),
        build: entry.build.to_string(),
        service_update: entry.service_update.to_string(),
        platform_build: entry.platform.map(|build| build.to_string()),
        rollout_id: entry.rollout.map(RolloutId::uuid),
    });
    let models: Vec<_> = rows.map(IntoActiveModel::into_active_model).collect();
    for chunk in models.chunks(ROWS_PER_INSERT) {
        deployment::Entity::insert_many(chunk.iter().cloned()).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// What an agent reported to run now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    pub build: BuildVersion,
    /// The platform build where it changed too.
    pub platform: Option<BuildVersion>,
    /// The service update of the build where it is known; otherwise it stays as it was.
    pub service_update: Option<ServiceUpdate>,
    pub at: DateTime<Utc>,
    pub rollout: Option<RolloutId>,
}

/// Another build runs. Reporting what is known already changes nothing.
pub async fn set_build(conn: &impl Connection, id: EnvironmentId, deployed: &Deployed) -> Result<()> {
    let before = locked(conn, id).await?;
    let mut after = before.clone();
    after.build = deployed.build.to_string();
    after.build_sort = sort_key(&deployed.build.parts());
    after.service_update = deployed.service_update.map_or(after.service_update, |number| number.to_string());
    after.platform_build = deployed.platform.map(|build| build.to_string()).or(after.platform_build);
    if after == before {
        return Ok(());
    }
    after.build_since_ms = ms(deployed.at);
    after.generation += 1;
    let set = ActiveModel {
        service_update: sea_orm::Set(after.service_update.clone()),
        build: sea_orm::Set(after.build.clone()),
        build_sort: sea_orm::Set(after.build_sort.clone()),
        platform_build: sea_orm::Set(after.platform_build.clone()),
        build_since_ms: sea_orm::Set(after.build_since_ms),
        generation: sea_orm::Set(after.generation),
        ..Default::default()
    };
    write(conn, &before, set).await?;
    let history = history_row(&after, deployed.rollout).into_active_model();
    // Two words of one instant on the same build are one line of the history.
    let columns = [deployment::Column::EnvironmentId, deployment::Column::SinceMs, deployment::Column::Build];
    let known = OnConflict::columns(columns).do_nothing().to_owned();
    deployment::Entity::insert(history).on_conflict(known).exec_without_returning(conn).await?;
    recount(conn, &before, &after).await
}

/// The customer's choice for a sandbox. Gives the new generation; Conflict where `generation` is not the current one.
pub async fn set_designation(
    conn: &impl Connection,
    id: EnvironmentId,
    generation: i64,
    to: Designation,
) -> Result<i64> {
    let before = locked(conn, id).await?;
    ensure_generation(&before, generation)?;
    let of_region = catalogue::regions(conn).await?.into_iter().find(|region| region.slug == before.region);
    let (with, follows_id) = designation(to);
    let mut after = before.clone();
    let kind = Environment::try_from(before.clone())?.kind;
    after.station = place(kind, to, of_region.and_then(|region| region.station));
    let set = ActiveModel {
        designation: sea_orm::Set(with.to_owned()),
        follows_id: sea_orm::Set(follows_id),
        station: sea_orm::Set(after.station),
        generation: sea_orm::Set(generation + 1),
        ..Default::default()
    };
    write(conn, &before, set).await?;
    recount(conn, &before, &after).await?;
    Ok(generation + 1)
}

/// What the planner goes by and the owner chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planning {
    /// `None`: the usual nights of its kind.
    pub chosen_days: Option<DaySet>,
    /// When the next service update is taken, where that is known.
    pub service_update_due: Option<NaiveDate>,
    pub priority_batch: bool,
}

/// Gives the new generation; Conflict where `generation` is not the current one.
pub async fn set_planning(conn: &impl Connection, id: EnvironmentId, generation: i64, to: &Planning) -> Result<i64> {
    let before = locked(conn, id).await?;
    ensure_generation(&before, generation)?;
    let set = ActiveModel {
        chosen_days: sea_orm::Set(to.chosen_days.map(|days| days.bits().into())),
        service_update_due: sea_orm::Set(to.service_update_due),
        priority_batch: sea_orm::Set(to.priority_batch),
        generation: sea_orm::Set(generation + 1),
        ..Default::default()
    };
    write(conn, &before, set).await?;
    Ok(generation + 1)
}

/// An exemption is granted, or withdrawn. Its end is a matter of time, and nobody writes it.
pub async fn set_exemption(conn: &impl Connection, id: EnvironmentId, to: Option<&Exemption>) -> Result<()> {
    let before = locked(conn, id).await?;
    let set = ActiveModel {
        exemption_reason: sea_orm::Set(to.map(|exemption| exemption.reason.clone())),
        exemption_evidence: sea_orm::Set(to.map(|exemption| exemption.evidence.clone())),
        exemption_expires_ms: sea_orm::Set(to.map(|exemption| ms(exemption.expires_at))),
        generation: sea_orm::Set(before.generation + 1),
        ..Default::default()
    };
    write(conn, &before, set).await
}

fn ensure_generation(row: &Model, generation: i64) -> Result<()> {
    if row.generation == generation {
        return Ok(());
    }
    Err(Error::conflict(format!("environment {} is at generation {}", EnvironmentId::new(row.id), row.generation)))
}

/// The row, kept from other writers until the transaction ends.
async fn locked(conn: &impl Connection, id: EnvironmentId) -> Result<Model> {
    Entity::find_by_id(id.uuid()).lock_exclusive().one(conn).await?.ok_or(Error::NotFound)
}

async fn write(conn: &impl Connection, before: &Model, set: ActiveModel) -> Result<()> {
    let changed = Entity::update_many()
        .set(set)
        .filter(Column::Id.eq(before.id))
        .filter(Column::Generation.eq(before.generation))
        .exec(conn)
        .await?;
    ensure_one(changed.rows_affected, || format!("environment {}", EnvironmentId::new(before.id)))?;
    estate::touch(conn, [before.customer_id]).await
}

async fn recount(conn: &impl Connection, before: &Model, after: &Model) -> Result<()> {
    let (from, to) = (CountKey::of(before), CountKey::of(after));
    if from != to {
        count_down(conn, &from).await?;
        count_up(conn, &to, 1).await?;
    }
    Ok(())
}

/// The catalogue changed: every environment's station anew, then the counters from nothing.
pub(crate) async fn place_all(conn: &impl Connection) -> Result<()> {
    conn.execute_unprepared(&format!("update environment set station = {}", place_sql())).await?;
    crate::deployment::recount_all(conn).await?;
    estate::touch_all(conn).await
}

/// The given environments were enrolled in `rollout`: that update is now their newest.
pub(crate) async fn note_enrolled(conn: &impl Connection, rollout: Uuid, environments: &[Uuid]) -> Result<()> {
    let newest = |what: Expr| {
        let own = Query::select()
            .expr(what)
            .from(u::Entity)
            .and_where(Expr::col((u::Entity, u::Column::EnvironmentId)).equals((Entity, Column::Id)))
            .and_where(Expr::col((u::Entity, u::Column::RolloutId)).eq(rollout))
            .take();
        Expr::from(own)
    };
    let state = || Expr::col((u::Entity, u::Column::State));
    let moved = state().eq("announced").and(Expr::col((u::Entity, u::Column::Moved)).is_not_null());
    let word = CaseStatement::new().case(moved, UpdateStateWord::Moved.key()).finally(state());
    let id = newest(Expr::col((u::Entity, u::Column::Id)));
    let word = newest(word.into());
    for chunk in environments.chunks(IDS_PER_QUERY) {
        Entity::update_many()
            .col_expr(Column::CurrentUpdateId, id.clone())
            .col_expr(Column::CurrentState, word.clone())
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .exec(conn)
            .await?;
    }
    Ok(())
}

/// What became of updates, each with its environment, which shows it where no newer update took its place.
pub(crate) async fn note_states(
    conn: &impl Connection,
    states: impl IntoIterator<Item = (UpdateStateWord, Uuid, Uuid)>,
) -> Result<()> {
    let mut by_word: BTreeMap<&'static str, (Vec<Uuid>, Vec<Uuid>)> = BTreeMap::new();
    for (word, environment, update) in states {
        let (environments, updates) = by_word.entry(word.key()).or_default();
        environments.push(environment);
        updates.push(update);
    }
    for (word, (environments, updates)) in by_word {
        for (environments, updates) in environments.chunks(IDS_PER_QUERY).zip(updates.chunks(IDS_PER_QUERY)) {
            Entity::update_many()
                .col_expr(Column::CurrentState, Expr::value(Value::from(word)))
                .filter(Column::Id.is_in(environments.iter().copied()))
                .filter(Column::CurrentUpdateId.is_in(updates.iter().copied()))
                .exec(conn)
                .await?;
        }
    }
    Ok(())
}
