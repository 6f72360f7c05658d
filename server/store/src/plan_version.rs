//! Plans as they were worked out, by rollout and number. Which of them is out of date, and how one is worked out, is the
//! services' to say; here what decides a plan is opaque, and the work on it is laid aside between two slices.

use crate::entity::plan_version::{Column, Entity, Model};
use crate::row::{Row, ensure_one, json, ms};
use crate::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::ids::{CustomerId, RolloutId};
use domain::rollout::{PlanFigures, Preview};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How far a plan is worked out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    pub preview: Preview,
    /// The last customer that was looked at.
    pub after: Option<CustomerId>,
    pub done: u64,
    /// Customers, as many as there were when it began.
    pub total: u64,
    /// All of it is as of one instant.
    pub now: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanVersion<B> {
    pub rollout: RolloutId,
    pub number: u32,
    /// What decides it.
    pub basis: B,
    pub made: Option<(PlanFigures, DateTime<Utc>)>,
    pub work: Option<Work>,
    pub generation: i64,
}

fn to_version<B: for<'de> Deserialize<'de>>(model: Model) -> Result<PlanVersion<B>> {
    let rollout = RolloutId::new(model.rollout_id);
    let row = Row::new("plan_version", format!("{rollout} {}", model.number));
    let made = match (model.figures, model.made_ms) {
        (Some(figures), Some(at)) => Some((row.json(figures)?, row.at(at)?)),
        (None, None) => None,
        _ => return Err(row.wrong("half made")),
    };
    Ok(PlanVersion {
        rollout,
        number: row.number(model.number)?,
        basis: row.json(model.basis)?,
        made,
        work: model.work.map(|work| row.json(work)).transpose()?,
        generation: model.generation,
    })
}

/// The newest first, at most two: what stands, and what it is compared with.
pub async fn last_two<B: for<'de> Deserialize<'de>>(
    conn: &impl Connection,
    rollout: RolloutId,
) -> Result<Vec<PlanVersion<B>>> {
    let newest = Entity::find().filter(Column::RolloutId.eq(rollout.uuid())).order_by_desc(Column::Number).limit(2);
    newest.all(conn).await?.into_iter().map(to_version).collect()
}

/// A new one, with all the work before it; an older one that is not worked out yet is given up. Conflict where somebody
/// made it before.
pub async fn begin<B: Serialize + Sync>(
    conn: &impl Connection,
    rollout: RolloutId,
    number: u32,
    basis: &B,
    work: &Work,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Work, Expr::value(Value::from(None::<serde_json::Value>)))
        .col_expr(Column::Working, Expr::value(false))
        .filter(Column::RolloutId.eq(rollout.uuid()))
        .filter(Column::Working.eq(true))
        .exec(conn)
        .await?;
    let unmade = Entity::delete_many().filter(Column::RolloutId.eq(rollout.uuid())).filter(Column::MadeMs.is_null());
    unmade.exec(conn).await?;
    let row = Model {
        rollout_id: rollout.uuid(),
        number: i32::try_from(number).unwrap_or(i32::MAX),
        basis: json(basis)?,
        figures: None,
        made_ms: None,
        work: Some(json(work)?),
        working: true,
        generation: 1,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// The work goes on from here. Conflict where somebody else has gone on with it.
pub async fn lay_aside<B: Sync>(conn: &impl Connection, version: &PlanVersion<B>, work: &Work) -> Result<()> {
    let columns = [(Column::Work, Value::from(Some(json(work)?))), (Column::Working, Value::from(true))];
    set(conn, version, columns.into()).await
}

/// It is worked out.
pub async fn finish<B: Sync>(
    conn: &impl Connection,
    version: &PlanVersion<B>,
    figures: &PlanFigures,
    made_at: DateTime<Utc>,
) -> Result<()> {
    let columns = [
        (Column::Figures, Value::from(Some(json(figures)?))),
        (Column::MadeMs, Value::from(Some(ms(made_at)))),
        (Column::Work, Value::from(None::<serde_json::Value>)),
        (Column::Working, Value::from(false)),
    ];
    set(conn, version, columns.into()).await
}

async fn set<B: Sync>(conn: &impl Connection, version: &PlanVersion<B>, columns: Vec<(Column, Value)>) -> Result<()> {
    let number = i32::try_from(version.number).unwrap_or(i32::MAX);
    let mut update = Entity::update_many().col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64));
    for (column, value) in columns {
        update = update.col_expr(column, Expr::value(value));
    }
    let changed = update
        .filter(Column::RolloutId.eq(version.rollout.uuid()))
        .filter(Column::Number.eq(number))
        .filter(Column::Generation.eq(version.generation))
        .exec(conn)
        .await?;
    ensure_one(changed.rows_affected, || format!("plan {number} of {} was gone on with", version.rollout))
}

/// Rollouts whose newest plan is being worked out.
pub async fn in_work(conn: &impl Connection) -> Result<Vec<RolloutId>> {
    let ids = Entity::find()
        .select_only()
        .column(Column::RolloutId)
        .distinct()
        .filter(Column::Working.eq(true))
        .order_by_asc(Column::RolloutId);
    let ids: Vec<Uuid> = ids.into_tuple().all(conn).await?;
    Ok(ids.into_iter().map(RolloutId::new).collect())
}
