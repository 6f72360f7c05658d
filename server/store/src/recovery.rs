//! Recoveries of halted rollouts, the environments that they name, and what is known of a build that is taken back.

use crate::entity::recovery::{Column, Entity, Model};
use crate::entity::{build as b, deployment, environment as e, environment_update as u, recovery_move, rollout as r};
use crate::row::{ROWS_PER_INSERT, Row, ensure_one, json, ms};
use crate::update::{is_unmended, running_now};
use crate::{Connection, Result, estate};
use chrono::{DateTime, Utc};
use domain::ids::{BuildId, EnvironmentId, RecoveryId, RolloutId};
use domain::recovery::{Move, Proposal, RecoveryPlan, Work};
use domain::release::{BuildVersion, ServiceUpdate};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, JoinType, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A recovery, of which rollout, and how often it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub plan: RecoveryPlan,
    pub rollout: RolloutId,
    pub generation: i64,
}

fn to_known(model: Model) -> Result<Known> {
    let row = Row::new("recovery", RecoveryId::new(model.id));
    let plan: RecoveryPlan = row.json(model.plan)?;
    if plan.state.key() == model.state {
        Ok(Known { plan, rollout: RolloutId::new(model.rollout_id), generation: model.generation })
    } else {
        Err(row.wrong(format!("state `{}` with a plan that is {}", model.state, plan.state.key())))
    }
}

pub async fn insert(conn: &impl Connection, rollout: RolloutId, plan: &RecoveryPlan, now: DateTime<Utc>) -> Result<()> {
    let row = Model {
        id: plan.id.uuid(),
        rollout_id: rollout.uuid(),
        state: plan.state.key().to_owned(),
        plan: json(plan)?,
        created_ms: ms(now),
        generation: 1,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

pub async fn find(conn: &impl Connection, id: RecoveryId) -> Result<Option<Known>> {
    Entity::find_by_id(id.uuid()).one(conn).await?.map(to_known).transpose()
}

/// Newest first.
pub async fn of_rollout(conn: &impl Connection, rollout: RolloutId) -> Result<Vec<Known>> {
    let rows = Entity::find().filter(Column::RolloutId.eq(rollout.uuid())).order_by_desc(Column::Id).all(conn).await?;
    rows.into_iter().map(to_known).collect()
}

/// Of every rollout, the oldest first.
pub async fn all(conn: &impl Connection) -> Result<Vec<Known>> {
    let rows = Entity::find().order_by_asc(Column::Id).all(conn).await?;
    rows.into_iter().map(to_known).collect()
}

/// Conflict where somebody was faster.
pub async fn save(conn: &impl Connection, before: &Known, after: &RecoveryPlan) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(Column::Plan, Expr::value(json(after)?))
        .col_expr(Column::State, Expr::value(after.state.key()))
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(after.id.uuid()))
        .filter(Column::Generation.eq(before.generation))
        .exec(conn)
        .await?;
    ensure_one(changed.rows_affected, || format!("recovery {} is no longer at {}", after.id, before.generation))
}

/// It is under way: what it names may go back.
pub async fn is_running(conn: &impl Connection, id: RecoveryId) -> Result<bool> {
    let running = Entity::find_by_id(id.uuid()).select_only().column(Column::Id).filter(Column::State.eq("running"));
    Ok(running.into_tuple::<Uuid>().one(conn).await?.is_some())
}

/// A way back from this build is under way.
pub async fn is_taken_back(conn: &impl Connection, build: BuildId) -> Result<bool> {
    let running = Entity::find().filter(Column::State.eq("running")).all(conn).await?;
    for known in running {
        let Proposal { bad, work, .. } = to_known(known)?.plan.proposal;
        if bad.id == build && matches!(work, Work::MoveBack { .. }) {
            return Ok(true);
        }
    }
    Ok(false)
}

pub async fn insert_moves(conn: &impl Connection, id: RecoveryId, moves: &[Move]) -> Result<()> {
    for chunk in moves.chunks(ROWS_PER_INSERT) {
        let rows = chunk.iter().map(|one| {
            let row = recovery_move::Model {
                recovery_id: id.uuid(),
                environment_id: one.environment.uuid(),
                to_build: one.to.version.to_string(),
                restored_from_ms: one.restored_from.map(ms),
            };
            row.into_active_model()
        });
        recovery_move::Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// Makes the estates of these environments due in a rollout that takes them back.
pub async fn open(conn: &impl Connection, rollout: RolloutId, id: RecoveryId, to: BuildVersion) -> Result<()> {
    let customers: Vec<Uuid> = recovery_move::Entity::find()
        .select_only()
        .column(e::Column::CustomerId)
        .distinct()
        .join(
            JoinType::InnerJoin,
            recovery_move::Entity::belongs_to(e::Entity)
                .from(recovery_move::Column::EnvironmentId)
                .to(e::Column::Id)
                .into(),
        )
        .filter(recovery_move::Column::RecoveryId.eq(id.uuid()))
        .filter(recovery_move::Column::ToBuild.eq(to.to_string()))
        .into_tuple()
        .all(conn)
        .await?;
    estate::touch_in(conn, customers.into_iter().map(|customer| (rollout.uuid(), customer))).await
}

/// The restore point that this environment starts from. `None` where the recovery does not name it with this build.
pub async fn find_move(
    conn: &impl Connection,
    id: RecoveryId,
    environment: EnvironmentId,
    to: BuildVersion,
) -> Result<Option<Option<DateTime<Utc>>>> {
    let row = recovery_move::Entity::find_by_id((id.uuid(), environment.uuid()))
        .filter(recovery_move::Column::ToBuild.eq(to.to_string()))
        .one(conn)
        .await?;
    row.map(|row| Row::new("recovery_move", environment).at_opt(row.restored_from_ms)).transpose()
}

/// An environment that runs a build, and what ran before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runner {
    pub environment: EnvironmentId,
    /// When the update that brought the build began. `None` where no update did, or not at its first attempt: what one that
    /// failed had changed by then is not known.
    pub begun_at: Option<DateTime<Utc>>,
    pub before: Option<(ServiceUpdate, BuildVersion)>,
    /// An update of it runs just now.
    pub busy: bool,
}

/// Every environment that runs this build, in the order of their ids. What ran before counts as healthy: a build is
/// written into the history when its health was confirmed.
pub async fn runners(conn: &impl Connection, build: BuildVersion) -> Result<Vec<Runner>> {
    let version = build.to_string();
    let running: Vec<Uuid> = e::Entity::find()
        .select_only()
        .column(e::Column::Id)
        .filter(e::Column::Build.eq(&version))
        .order_by_asc(e::Column::Id)
        .into_tuple()
        .all(conn)
        .await?;
    let (begun, before) = (begun(conn, &version).await?, before(conn, &version).await?);
    let busy: Vec<Uuid> = u::Entity::find()
        .select_only()
        .column(u::Column::EnvironmentId)
        .filter(running_now())
        .into_tuple()
        .all(conn)
        .await?;
    let busy: BTreeSet<Uuid> = busy.into_iter().collect();
    let runner = |id: Uuid| {
        let environment = EnvironmentId::new(id);
        let row = Row::new("deployment of environment", environment);
        let before =
            before.get(&id).map(|(update, build)| Ok::<_, crate::Error>((row.parse(update)?, row.parse(build)?)));
        let begun_at = row.at_opt(begun.get(&id).copied())?;
        Ok(Runner { environment, begun_at, before: before.transpose()?, busy: busy.contains(&id) })
    };
    running.into_iter().map(runner).collect()
}

/// How many updates bring this build just now, in any rollout. The caps bound the number of rows.
pub async fn incoming(conn: &impl Connection, build: BuildId) -> Result<u32> {
    let bringing: Vec<Uuid> = u::Entity::find()
        .select_only()
        .column(u::Column::Id)
        .filter(running_now())
        .filter(u::Column::RolloutId.in_subquery(rollouts_of(build)))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(u32::try_from(bringing.len()).unwrap_or(u32::MAX))
}

fn rollouts_of(build: BuildId) -> SelectStatement {
    Query::select()
        .column(r::Column::Id)
        .from(r::Entity)
        .and_where(Expr::col(r::Column::BuildId).eq(build.uuid()))
        .take()
}

/// When the first attempt began that brought this build to each environment that runs it: in its turn, or ahead of it.
async fn begun(conn: &impl Connection, version: &str) -> Result<BTreeMap<Uuid, i64>> {
    let same =
        |of: u::Column, as_of: deployment::Column| Expr::col((u::Entity, of)).equals((deployment::Entity, as_of));
    let rows: Vec<(Uuid, Option<i64>, Option<i64>)> = u::Entity::find()
        .select_only()
        .columns([u::Column::EnvironmentId, u::Column::StartedMs, u::Column::PulledMs])
        .join(
            JoinType::InnerJoin,
            u::Entity::belongs_to(e::Entity).from(u::Column::EnvironmentId).to(e::Column::Id).into(),
        )
        .join(
            JoinType::InnerJoin,
            e::Entity::belongs_to(deployment::Entity).from(e::Column::Id).to(deployment::Column::EnvironmentId).into(),
        )
        .filter(same(u::Column::RolloutId, deployment::Column::RolloutId))
        .filter(
            Expr::col((deployment::Entity, deployment::Column::SinceMs)).equals((e::Entity, e::Column::BuildSinceMs)),
        )
        .filter(e::Column::Build.eq(version))
        .filter(deployment::Column::Build.eq(version))
        .filter(u::Column::State.is_in(["succeeded", "already_satisfied"]))
        .filter(u::Column::Attempts.eq(1_i16))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().filter_map(|(id, started, pulled)| Some((id, started.or(pulled)?))).collect())
}

/// The newest other build in the history of each environment that runs this one, but none that failed there: an agent also
/// reports what a failed attempt left behind.
async fn before(conn: &impl Connection, version: &str) -> Result<BTreeMap<Uuid, (String, String)>> {
    let rows: Vec<(Uuid, String, String)> = deployment::Entity::find()
        .select_only()
        .columns([deployment::Column::EnvironmentId, deployment::Column::ServiceUpdate, deployment::Column::Build])
        .join(
            JoinType::InnerJoin,
            deployment::Entity::belongs_to(e::Entity).from(deployment::Column::EnvironmentId).to(e::Column::Id).into(),
        )
        .filter(Expr::col((e::Entity, e::Column::Build)).eq(version))
        .filter(deployment::Column::Build.ne(version))
        .filter(Expr::exists(failed_there()).not())
        .order_by_asc(deployment::Column::SinceMs)
        .into_tuple()
        .all(conn)
        .await?;
    // Of several the last one stays: the newest.
    Ok(rows.into_iter().map(|(environment, update, build)| (environment, (update, build))).collect())
}

/// An update to that build which failed in that environment, and which nothing has mended.
fn failed_there() -> SelectStatement {
    let of_history = |column: deployment::Column| (deployment::Entity, column);
    Query::select()
        .expr(Expr::value(1))
        .from(u::Entity)
        .inner_join(r::Entity, Expr::col((r::Entity, r::Column::Id)).equals((u::Entity, u::Column::RolloutId)))
        .inner_join(b::Entity, Expr::col((b::Entity, b::Column::Id)).equals((r::Entity, r::Column::BuildId)))
        .and_where(
            Expr::col((u::Entity, u::Column::EnvironmentId)).equals(of_history(deployment::Column::EnvironmentId)),
        )
        .and_where(Expr::col((b::Entity, b::Column::Version)).equals(of_history(deployment::Column::Build)))
        .cond_where(is_unmended())
        .take()
}
