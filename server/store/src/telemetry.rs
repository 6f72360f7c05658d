//! What listening systems said, by environment and hour, and the sums of a stage that its gate looks at.
//!
//! Two samples of one hour are joined by the database as [`HourSample::join`] joins them, so that it does not matter in
//! what order two servers write. The sums cost a look at every hour of every updated environment of a stage: they are
//! made when something new was heard or an hour has ended, and a plan only reads them. Of a stage that passed only the last
//! hours are made anew, and not with every sample.

mod aboard;
mod prune;

pub use aboard::{Listened, aboard};
pub use prune::prune;

use crate::entity::{environment, environment_update as u, stage_telemetry as sums, telemetry_hour as h};
use crate::row::{IDS_PER_QUERY, ROWS_PER_INSERT, Row, ms};
use crate::{Connection, Error, Result, keys};
use chrono::{DateTime, TimeDelta, Utc};
use domain::fleet::{StageKey, StationNumber};
use domain::health::telemetry::HEARD_SECONDS_MIN;
use domain::health::{Hour, HourSample, StageHour, StageTelemetry};
use domain::ids::{EnvironmentId, RolloutId};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, JoinType, QueryFilter, QueryOrder, QuerySelect, Select,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// The same hour a week before is what usage is compared with.
const WEEK_HOURS: i64 = 7 * 24;
const HOUR_MS: i64 = 3_600_000;
/// The longest bake, and a day for what comes late.
const HOURS_SUMMED_MAX: i64 = (14 + 1) * 24;
/// A stage that passed is summed up anew no further back: data is waited for a day at most, and a sample is as long at most.
const HOURS_AGAIN: i64 = 2 * 24;
/// What was summed up once stays known so long: the longest cadence and what it takes beyond its last window.
const HOURS_KEPT: i64 = 60 * 24;
/// Between the instant at which a sample is dated and its commit, and between the clocks of two servers.
const COMMITTED_AFTER: TimeDelta = TimeDelta::minutes(1);

pub type Hours = BTreeMap<(EnvironmentId, Hour), HourSample>;

/// Which of these environments there are.
pub async fn known(conn: &impl Connection, ids: &BTreeSet<EnvironmentId>) -> Result<HashSet<EnvironmentId>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let mut known = HashSet::with_capacity(ids.len());
    for chunk in ids.chunks(IDS_PER_QUERY) {
        let own = environment::Entity::find().select_only().column(environment::Column::Id);
        let own = own.filter(environment::Column::Id.is_in(chunk.iter().copied()));
        let found: Vec<Uuid> = own.into_tuple().all(conn).await?;
        known.extend(found.into_iter().map(EnvironmentId::new));
    }
    Ok(known)
}

/// Joins what was said with what is known.
pub async fn join(conn: &impl Connection, hours: &Hours, now: DateTime<Utc>) -> Result<()> {
    let rows = hours.iter().map(|((environment, hour), sample)| {
        Ok(h::Model {
            environment_id: environment.uuid(),
            hour: hour.number(),
            covered_seconds: sample.covered_seconds.into(),
            usage: stored(sample.usage)?,
            errors: stored(sample.errors)?,
            received_ms: ms(now),
        })
    });
    let rows = rows.collect::<Result<Vec<_>>>()?;
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let models = chunk.iter().cloned().map(IntoActiveModel::into_active_model);
        h::Entity::insert_many(models).on_conflict(joined()).exec_without_returning(conn).await?;
    }
    Ok(())
}

fn stored(count: u64) -> Result<i64> {
    i64::try_from(count).map_err(|_| Error::Unsupported("a count of more than 63 bits"))
}

/// [`HourSample::join`] in SQL that both databases read alike.
fn joined() -> OnConflict {
    let more = |column: &str| {
        Expr::cust(format!(
            "case when excluded.{column} > telemetry_hour.{column} then excluded.{column} else telemetry_hour.{column} end"
        ))
    };
    let usage = Expr::cust(
        "case when excluded.covered_seconds > telemetry_hour.covered_seconds then excluded.usage \
         when excluded.covered_seconds < telemetry_hour.covered_seconds then telemetry_hour.usage \
         when excluded.usage < telemetry_hour.usage then excluded.usage else telemetry_hour.usage end",
    );
    OnConflict::columns([h::Column::EnvironmentId, h::Column::Hour])
        .value(h::Column::CoveredSeconds, more("covered_seconds"))
        .value(h::Column::Usage, usage)
        .value(h::Column::Errors, more("errors"))
        .value(h::Column::ReceivedMs, more("received_ms"))
        .to_owned()
}

pub async fn hour(conn: &impl Connection, environment: EnvironmentId, hour: Hour) -> Result<Option<HourSample>> {
    let row = Row::new("telemetry_hour", environment);
    let found = h::Entity::find_by_id((environment.uuid(), hour.number())).one(conn).await?;
    found
        .map(|model| {
            Ok(HourSample {
                covered_seconds: row.number(model.covered_seconds)?,
                usage: row.number(model.usage)?,
                errors: row.number(model.errors)?,
            })
        })
        .transpose()
}

/// When the stages of a rollout were summed up last.
pub async fn summed(conn: &impl Connection, id: RolloutId) -> Result<HashMap<StageKey, DateTime<Utc>>> {
    let row = Row::new("stage_telemetry", id);
    let known: Vec<(i16, String, i64)> = sums::Entity::find()
        .select_only()
        .columns([sums::Column::Station, sums::Column::Audience, sums::Column::SummedMs])
        .filter(sums::Column::RolloutId.eq(id.uuid()))
        .into_tuple()
        .all(conn)
        .await?;
    known.into_iter().map(|(station, audience, at)| Ok((stage_key(&row, station, &audience)?, row.at(at)?))).collect()
}

fn stage_key(row: &Row, station: i16, audience: &str) -> Result<StageKey> {
    let (station, audience) = (StationNumber(row.number(station)?), row.word(audience, keys::audience_from)?);
    Ok(StageKey { station, audience })
}

/// Whether sums of `summed_at` are those of `now`: nothing was heard since, and no hour has ended. Within `rest` of the last
/// sum it is not asked what was heard.
///
/// What was dated shortly before a sum may have been committed after it, so a minute later it is looked for once more.
pub async fn is_summed(
    conn: &impl Connection,
    summed_at: DateTime<Utc>,
    rest: TimeDelta,
    now: DateTime<Utc>,
) -> Result<bool> {
    if Hour::of(summed_at) != Hour::of(now) {
        return Ok(false);
    }
    if now < summed_at + rest {
        return Ok(true);
    }
    let since = if now < summed_at + COMMITTED_AFTER { summed_at } else { summed_at - COMMITTED_AFTER };
    let newer = h::Entity::find().filter(h::Column::ReceivedMs.gte(ms(since))).one(conn).await?;
    Ok(newer.is_none())
}

fn key(id: RolloutId, stage: StageKey) -> (Uuid, i16, String) {
    (id.uuid(), stage.station.0.into(), keys::audience(stage.audience).to_owned())
}

/// The hours of a stage from its first success on, those that have ended.
pub async fn sum(conn: &impl Connection, id: RolloutId, stage: StageKey, now: DateTime<Utc>) -> Result<StageTelemetry> {
    let until = Hour::of(now);
    sum_between(conn, id, stage, until.plus(-HOURS_SUMMED_MAX), until).await
}

/// As [`sum`], of a stage of which nothing but harm is waited for: the last hours are summed up anew, those before stay as
/// they are known.
pub async fn sum_again(
    conn: &impl Connection,
    id: RolloutId,
    stage: StageKey,
    known: &StageTelemetry,
    now: DateTime<Utc>,
) -> Result<StageTelemetry> {
    let until = Hour::of(now);
    let Some(newest) = known.hours.iter().map(|hour| hour.hour).max() else { return sum(conn, id, stage, now).await };
    let since = until.plus(-HOURS_AGAIN).min(newest.plus(1)).max(until.plus(-HOURS_SUMMED_MAX));
    let fresh = sum_between(conn, id, stage, since, until).await?;
    let kept = known.hours.iter().filter(|hour| hour.hour < since && hour.hour >= until.plus(-HOURS_KEPT));
    Ok(StageTelemetry { hours: kept.copied().chain(fresh.hours).collect() })
}

async fn sum_between(
    conn: &impl Connection,
    id: RolloutId,
    stage: StageKey,
    from: Hour,
    until: Hour,
) -> Result<StageTelemetry> {
    let updated = updated(conn, id, stage).await?;
    let Some(first) = updated.first() else { return Ok(StageTelemetry::default()) };
    let row = Row::new("environment_update of rollout", id);
    let since = Hour::from(row.at(*first)?).max(from);
    let mut heard = by_hour(conn, heard(id, stage, since, until)).await?;
    let mut before = by_hour(conn, baseline(id, stage, since, until)).await?;
    let mut hours = Vec::new();
    let mut hour = since;
    while hour < until {
        let (reporting, usage, errors) = heard.remove(&hour.number()).unwrap_or_default();
        let (_, baseline, _) = before.remove(&hour.number()).unwrap_or_default();
        let ran = updated.partition_point(|at| *at <= ms(hour.start()));
        hours.push(StageHour {
            hour,
            expected: u32::try_from(ran).unwrap_or(u32::MAX),
            reporting: row.number(reporting)?,
            usage: row.number(usage)?,
            baseline: row.number(baseline)?,
            errors: row.number(errors)?,
        });
        hour = hour.plus(1);
    }
    Ok(StageTelemetry { hours })
}

/// When each environment of the stage was updated, the first first.
async fn updated(conn: &impl Connection, id: RolloutId, stage: StageKey) -> Result<Vec<i64>> {
    let rows = u::Entity::find().select_only().column(u::Column::FinishedMs).filter(succeeded(id, stage));
    Ok(rows.order_by_asc(u::Column::FinishedMs).into_tuple().all(conn).await?)
}

fn succeeded(id: RolloutId, stage: StageKey) -> Condition {
    Condition::all()
        .add(u::Column::RolloutId.eq(id.uuid()))
        .add(u::Column::Station.eq(i16::from(stage.station.0)))
        .add(u::Column::Audience.eq(keys::audience(stage.audience)))
        .add(Expr::cust("environment_update.state = 'succeeded'"))
        .add(u::Column::FinishedMs.is_not_null())
}

/// Reporting, usage and errors of the environments that ran the build in all of the hour. Usage counts of those that
/// were heard, errors of all: harm needs no quorum.
fn heard(id: RolloutId, stage: StageKey, since: Hour, until: Hour) -> Select<h::Entity> {
    let heard = format!("telemetry_hour.covered_seconds >= {HEARD_SECONDS_MIN}");
    h::Entity::find()
        .select_only()
        .column(h::Column::Hour)
        .expr_as(total(&format!("case when {heard} then 1 else 0 end")), "reporting")
        .expr_as(total(&format!("case when {heard} then telemetry_hour.usage else 0 end")), "used")
        .expr_as(total("telemetry_hour.errors"), "failed")
        .join(JoinType::InnerJoin, to_update())
        .filter(succeeded(id, stage))
        .filter(Expr::cust(format!("environment_update.finished_ms <= telemetry_hour.hour * {HOUR_MS}")))
        .filter(h::Column::Hour.gte(since.number()))
        .filter(h::Column::Hour.lt(until.number()))
        .group_by(h::Column::Hour)
}

/// Usage of the same environments a week before, under the hour that it is compared with.
fn baseline(id: RolloutId, stage: StageKey, since: Hour, until: Hour) -> Select<h::Entity> {
    let later = format!("telemetry_hour.hour + {WEEK_HOURS}");
    h::Entity::find()
        .select_only()
        .expr_as(Expr::cust(later.clone()), "later")
        .expr_as(total("1"), "reporting")
        .expr_as(total("telemetry_hour.usage"), "used")
        .expr_as(total("0"), "failed")
        .join(JoinType::InnerJoin, to_update())
        .filter(succeeded(id, stage))
        .filter(Expr::cust(format!("environment_update.finished_ms <= ({later}) * {HOUR_MS}")))
        .filter(h::Column::Hour.gte(since.plus(-WEEK_HOURS).number()))
        .filter(h::Column::Hour.lt(until.plus(-WEEK_HOURS).number()))
        .group_by(h::Column::Hour)
}

fn to_update() -> sea_orm::RelationDef {
    h::Entity::belongs_to(u::Entity).from(h::Column::EnvironmentId).to(u::Column::EnvironmentId).into()
}

/// PostgreSQL sums 64-bit numbers into a wider type.
fn total(what: &str) -> Expr {
    Expr::cust(format!("cast(sum({what}) as bigint)"))
}

async fn by_hour(conn: &impl Connection, select: Select<h::Entity>) -> Result<HashMap<i64, (i64, i64, i64)>> {
    let rows: Vec<(i64, i64, i64, i64)> = select.into_tuple().all(conn).await?;
    Ok(rows.into_iter().map(|(hour, reporting, usage, errors)| (hour, (reporting, usage, errors))).collect())
}

/// Keeps the sums for the plans to come.
pub async fn put(
    conn: &impl Connection,
    id: RolloutId,
    stage: StageKey,
    telemetry: &StageTelemetry,
    now: DateTime<Utc>,
) -> Result<()> {
    let (rollout_id, station, audience) = key(id, stage);
    let hours = sums::Hours(telemetry.clone());
    let row = sums::Model { rollout_id, station, audience, hours, summed_ms: ms(now) };
    let known = OnConflict::columns([sums::Column::RolloutId, sums::Column::Station, sums::Column::Audience])
        .update_columns([sums::Column::Hours, sums::Column::SummedMs])
        .to_owned();
    sums::Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

/// The sums of a rollout's stages, as they were kept last.
pub(crate) async fn of_rollout(conn: &impl Connection, id: RolloutId) -> Result<HashMap<StageKey, StageTelemetry>> {
    let rows = sums::Entity::find().filter(sums::Column::RolloutId.eq(id.uuid())).all(conn).await?;
    let row = Row::new("stage_telemetry", id);
    rows.into_iter().map(|model| Ok((stage_key(&row, model.station, &model.audience)?, model.hours.0))).collect()
}
