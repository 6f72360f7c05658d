//! Agents: since when one speaks for an environment, what it said last to run there, and every report it gave, once.

use crate::entity::agent::{Column, Entity, Model};
use crate::entity::agent_report as r;
use crate::row::{Row, json, ms};
use crate::{Connection, Error, Result};
use chrono::{DateTime, Utc};
use domain::agent::{Ended, Outcome, Report, Runs};
use domain::ids::{EnvironmentId, TokenId, UpdateId};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Value};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    pub environment: EnvironmentId,
    /// It spoke for the first time.
    pub since: DateTime<Utc>,
    /// It spoke last, to ten minutes.
    pub seen: DateTime<Utc>,
    pub runs: Option<Runs>,
}

impl TryFrom<Model> for Agent {
    type Error = Error;

    fn try_from(model: Model) -> Result<Self> {
        let environment = EnvironmentId::new(model.environment_id);
        let row = Row::new("agent", environment);
        let runs = match (model.runs_at_ms, model.runs_sequence, model.runs_build.as_deref()) {
            (None, None, None) => None,
            (Some(at), Some(sequence), Some(build)) => {
                Some(Runs { at: row.at(at)?, sequence: row.number(sequence)?, build: row.parse(build)? })
            }
            _ => return Err(row.wrong("what runs is half known")),
        };
        Ok(Self { environment, since: row.at(model.since_ms)?, seen: row.at(model.seen_ms)?, runs })
    }
}

pub async fn find(conn: &impl Connection, environment: EnvironmentId) -> Result<Option<Agent>> {
    Entity::find_by_id(environment.uuid()).one(conn).await?.map(Agent::try_from).transpose()
}

/// Since when agents speak for these environments.
pub(crate) async fn since(conn: &impl Connection, environments: Vec<Uuid>) -> Result<HashMap<Uuid, DateTime<Utc>>> {
    if environments.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, i64)> = Entity::find()
        .select_only()
        .column(Column::EnvironmentId)
        .column(Column::SinceMs)
        .filter(Column::EnvironmentId.is_in(environments))
        .into_tuple()
        .all(conn)
        .await?;
    rows.into_iter().map(|(id, at)| Ok((id, Row::new("agent", EnvironmentId::new(id)).at(at)?))).collect()
}

/// An agent speaks for this environment. In a transaction nobody else changes what is known of it until the end.
pub async fn spoke(conn: &impl Connection, id: EnvironmentId, by: TokenId, now: DateTime<Utc>) -> Result<()> {
    let row = Model {
        environment_id: id.uuid(),
        token_id: by.uuid(),
        since_ms: ms(now),
        seen_ms: ms(now),
        runs_at_ms: None,
        runs_sequence: None,
        runs_build: None,
    };
    let known = OnConflict::column(Column::EnvironmentId).update_columns([Column::TokenId, Column::SeenMs]).to_owned();
    Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

/// The newest word on what runs there.
pub async fn set_runs(conn: &impl Connection, id: EnvironmentId, runs: &Runs) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::RunsAtMs, Expr::value(Value::from(Some(ms(runs.at)))))
        .col_expr(Column::RunsSequence, Expr::value(Value::from(Some(stored(runs.sequence)?))))
        .col_expr(Column::RunsBuild, Expr::value(Value::from(Some(runs.build.to_string()))))
        .filter(Column::EnvironmentId.eq(id.uuid()))
        .exec(conn)
        .await?;
    Ok(())
}

fn stored(sequence: u64) -> Result<i64> {
    i64::try_from(sequence).map_err(|_| Error::Unsupported("a sequence number of more than 63 bits"))
}

/// A report and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub environment: EnvironmentId,
    /// As the agent chose it; the same id is the same report.
    pub id: Uuid,
    pub update: Option<UpdateId>,
    pub report: Report,
    pub received_at: DateTime<Utc>,
    pub outcome: Outcome,
}

impl TryFrom<r::Model> for Kept {
    type Error = Error;

    fn try_from(model: r::Model) -> Result<Self> {
        let row = Row::new("agent_report", model.report_id);
        let report = Report {
            at: row.at(model.at_ms)?,
            sequence: row.number(model.sequence)?,
            attempt: model.attempt.map(|attempt| row.number(attempt)).transpose()?,
            said: row.json(model.said)?,
        };
        Ok(Self {
            environment: EnvironmentId::new(model.environment_id),
            id: model.report_id,
            update: model.update_id.map(UpdateId::new),
            report,
            received_at: row.at(model.received_ms)?,
            outcome: row.word(&model.outcome, Outcome::from_key)?,
        })
    }
}

pub async fn find_report(conn: &impl Connection, environment: EnvironmentId, id: Uuid) -> Result<Option<Kept>> {
    r::Entity::find_by_id((environment.uuid(), id)).one(conn).await?.map(Kept::try_from).transpose()
}

/// Conflict where this report was kept in the meantime.
pub async fn keep(conn: &impl Connection, kept: &Kept) -> Result<()> {
    let row = r::Model {
        environment_id: kept.environment.uuid(),
        report_id: kept.id,
        update_id: kept.update.map(UpdateId::uuid),
        attempt: kept.report.attempt.map(i16::from),
        sequence: stored(kept.report.sequence)?,
        at_ms: ms(kept.report.at),
        received_ms: ms(kept.received_at),
        kind: kept.report.said.key().to_owned(),
        said: json(&kept.report.said)?,
        outcome: kept.outcome.key().to_owned(),
    };
    r::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// How this attempt ended: of what was believed, the word that was said last.
pub async fn ended(conn: &impl Connection, update: UpdateId, attempt: u8) -> Result<Option<Ended>> {
    let believed = [Outcome::Accepted, Outcome::Late, Outcome::Known];
    let last = r::Entity::find()
        .filter(r::Column::UpdateId.eq(update.uuid()))
        .filter(r::Column::Attempt.eq(i16::from(attempt)))
        .filter(r::Column::Kind.is_in(["healthy", "failed"]))
        .filter(r::Column::Outcome.is_in(believed.map(Outcome::key)))
        .order_by_desc(r::Column::AtMs)
        .order_by_desc(r::Column::Sequence)
        // As `Ended` has it: of two with one number the failure.
        .order_by_asc(r::Column::Kind)
        .one(conn)
        .await?;
    Ok(last.map(Kept::try_from).transpose()?.and_then(|kept| kept.report.ended()))
}

/// When the word of this number on what runs was heard last; `None` where it is not kept any more.
pub async fn heard_at(
    conn: &impl Connection,
    environment: EnvironmentId,
    sequence: u64,
) -> Result<Option<DateTime<Utc>>> {
    let last = r::Entity::find()
        .filter(r::Column::EnvironmentId.eq(environment.uuid()))
        .filter(r::Column::Sequence.eq(stored(sequence)?))
        .filter(r::Column::Kind.is_in(["healthy", "failed", "running_version"]))
        .order_by_desc(r::Column::ReceivedMs)
        .one(conn)
        .await?;
    Ok(last.map(Kept::try_from).transpose()?.map(|kept| kept.received_at))
}

/// What the agent of an environment said of one update, in the order of its own clock.
pub async fn reports(conn: &impl Connection, update: UpdateId) -> Result<Vec<Kept>> {
    let rows = r::Entity::find()
        .filter(r::Column::UpdateId.eq(update.uuid()))
        .order_by_asc(r::Column::AtMs)
        .order_by_asc(r::Column::Sequence)
        .all(conn)
        .await?;
    rows.into_iter().map(Kept::try_from).collect()
}

/// Forgets up to `at_once` reports that came before `before`; how many they were.
pub async fn prune(conn: &impl Connection, before: DateTime<Utc>, at_once: u64) -> Result<u64> {
    let old = Query::select()
        .columns([r::Column::EnvironmentId, r::Column::ReportId])
        .from(r::Entity)
        .and_where(r::Column::ReceivedMs.lt(ms(before)))
        .limit(at_once)
        .take();
    let key = Expr::tuple([Expr::col(r::Column::EnvironmentId), Expr::col(r::Column::ReportId)]);
    Ok(r::Entity::delete_many().filter(key.in_subquery(old)).exec(conn).await?.rows_affected)
}
