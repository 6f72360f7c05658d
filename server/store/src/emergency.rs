//! Uses of the emergency path. Each is one value with its state; the column `state` repeats the state's key, so that the
//! database itself allows one open path for a rollout.

use crate::entity::emergency::{Column, Entity, Model};
use crate::row::{Row, ensure_one, json, ms};
use crate::{Connection, Result, estate, setting};
use chrono::{DateTime, Utc};
use domain::emergency::{Emergency, EmergencyPath, EmergencyPolicy};
use domain::ids::{EmergencyId, RolloutId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

/// The setting with the vendor's policy.
const POLICY: &str = "emergency_policy";

/// A path and how often it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub path: EmergencyPath,
    pub generation: i64,
}

fn to_known(model: Model) -> Result<Known> {
    let row = Row::new("emergency", EmergencyId::new(model.id));
    let path: EmergencyPath = row.json(model.path)?;
    if path.state.key() == model.state {
        Ok(Known { path, generation: model.generation })
    } else {
        Err(row.wrong(format!("state `{}` with a path that is {}", model.state, path.state.key())))
    }
}

/// Without a policy nobody is on the list, and nothing is ever approved.
pub async fn policy(conn: &impl Connection) -> Result<EmergencyPolicy> {
    let known = setting::get(conn, POLICY).await?;
    Ok(known.unwrap_or_else(|| EmergencyPolicy::with(Vec::new())))
}

pub async fn set_policy(conn: &impl Connection, policy: &EmergencyPolicy) -> Result<()> {
    setting::put(conn, POLICY, policy).await
}

/// Conflict where another path of the rollout is open.
pub async fn insert(conn: &impl Connection, path: &EmergencyPath, now: DateTime<Utc>) -> Result<()> {
    let row = Model {
        id: path.id.uuid(),
        rollout_id: path.request.rollout.uuid(),
        state: path.state.key().to_owned(),
        path: json(path)?,
        created_ms: ms(now),
        generation: 1,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

pub async fn find(conn: &impl Connection, id: EmergencyId) -> Result<Option<Known>> {
    Entity::find_by_id(id.uuid()).one(conn).await?.map(to_known).transpose()
}

/// Newest first.
pub async fn of_rollout(conn: &impl Connection, rollout: RolloutId) -> Result<Vec<Known>> {
    let rows = Entity::find().filter(Column::RolloutId.eq(rollout.uuid())).order_by_desc(Column::Id).all(conn).await?;
    rows.into_iter().map(to_known).collect()
}

/// Every path of every rollout, the oldest first.
pub async fn all(conn: &impl Connection) -> Result<Vec<Known>> {
    let rows = Entity::find().order_by_asc(Column::Id).all(conn).await?;
    rows.into_iter().map(to_known).collect()
}

/// Those that are in force or still owe something, of any rollout, the oldest first.
pub async fn owing(conn: &impl Connection) -> Result<Vec<Known>> {
    let rows = Entity::find()
        .filter(Column::State.is_in(["active", "expired", "ended"]))
        .order_by_asc(Column::Id)
        .all(conn)
        .await?;
    rows.into_iter().map(to_known).collect()
}

/// The path of the rollout that came into force and was not ended; the clock decides whether its time is up.
pub async fn active(conn: &impl Connection, rollout: RolloutId) -> Result<Option<Emergency>> {
    let row = Entity::find().filter(Column::RolloutId.eq(rollout.uuid())).filter(Column::State.eq("active"));
    let Some(known) = row.one(conn).await?.map(to_known).transpose()? else { return Ok(None) };
    Ok(Some(Emergency { path: known.path, policy: policy(conn).await? }))
}

/// Conflict where somebody was faster. Everybody in the rollout is due where what is in force changes.
pub async fn save(conn: &impl Connection, before: &Known, after: &EmergencyPath) -> Result<()> {
    let (was, is) = (before.path.state.key(), after.state.key());
    let changed = Entity::update_many()
        .col_expr(Column::Path, Expr::value(json(after)?))
        .col_expr(Column::State, Expr::value(is))
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(after.id.uuid()))
        .filter(Column::Generation.eq(before.generation))
        .exec(conn)
        .await?;
    ensure_one(changed.rows_affected, || format!("emergency path {} is no longer at {}", after.id, before.generation))?;
    if was != is && (was == "active" || is == "active") {
        estate::touch_rollout(conn, after.request.rollout).await?;
    }
    Ok(())
}
