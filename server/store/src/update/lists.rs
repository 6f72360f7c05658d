//! Updates as pages and jobs list them.

use super::{Update, is_unmended};
use crate::deployment::customer_names;
use crate::entity::environment_update::{Column, Entity, Model};
use crate::entity::{environment as e, rollout};
use crate::rollout::{Descent, RolloutHead};
use crate::row::Row;
use crate::{Connection, Paged, Result, agent, environment, keys, rollout as rollouts};
use chrono::{DateTime, Utc};
use domain::calendar::StageWindow;
use domain::fleet::{Audience, EnvironmentKind, StationNumber};
use domain::ids::{CustomerId, EnvironmentId, RolloutId, UpdateId};
use domain::permission::TenantScope;
use domain::release::{BuildVersion, TrainId};
use domain::wire::signal::UpdateStateWord;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;
use uuid::Uuid;

/// What an agent has to finish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningUpdate {
    pub update: Update,
    pub train: TrainId,
    /// The build it brings.
    pub build: BuildVersion,
    /// Since when an agent speaks for its environment; `None` where none does.
    pub agent_since: Option<DateTime<Utc>>,
    pub descent: Descent,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpdateFilter {
    pub station: Option<StationNumber>,
    pub audience: Option<Audience>,
    /// Only those without a stage.
    pub unplaced: bool,
    pub state: Option<UpdateStateWord>,
}

/// An update as the page of its rollout lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InRollout {
    pub update: Update,
    pub environment_name: String,
    pub kind: EnvironmentKind,
    pub tier: u8,
    pub region: String,
    pub customer_name: String,
}

/// An update as its customer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithRollout {
    pub update: Update,
    pub rollout: RolloutHead,
    /// The published dates of its stage.
    pub window: Option<StageWindow>,
}

/// In exactly the words of the partial index, with no parameters: SQLite uses the index for nothing else.
pub(crate) fn running_now() -> Expr {
    Expr::cust("state in ('in_progress', 'verifying')")
}

/// What waits for its night. In exactly the words of the partial index, like the above.
pub(crate) fn announced_now() -> Expr {
    Expr::cust("state = 'announced'")
}

/// Every update that is being applied or verified, in any rollout. A row that cannot be read is an error of its own:
/// it must not stop the others.
pub async fn running(conn: &impl Connection) -> Result<Vec<Result<RunningUpdate>>> {
    let mut rows = Entity::find().filter(running_now()).all(conn).await?;
    // Here, not there: SQLite would walk the whole table in the order of its ids.
    rows.sort_by_key(|row| row.id);
    running_updates(conn, rows).await
}

/// The one update that its environment runs, where it runs one.
pub async fn running_of(conn: &impl Connection, environment: EnvironmentId) -> Result<Option<RunningUpdate>> {
    let own = Entity::find().filter(running_now()).filter(Column::EnvironmentId.eq(environment.uuid()));
    running_updates(conn, own.all(conn).await?).await?.pop().transpose()
}

/// An update with what an agent has to know of it, whatever its state.
pub async fn with_names(conn: &impl Connection, id: UpdateId) -> Result<Option<RunningUpdate>> {
    let found = Entity::find_by_id(id.uuid()).all(conn).await?;
    running_updates(conn, found).await?.pop().transpose()
}

async fn running_updates(conn: &impl Connection, rows: Vec<Model>) -> Result<Vec<Result<RunningUpdate>>> {
    let since = agent::since(conn, rows.iter().map(|row| row.environment_id).collect()).await?;
    let names = rollouts::names(conn, rows.iter().map(|row| row.rollout_id).collect()).await?;
    let read = |model: Model| {
        let row = Row::new("environment_update", UpdateId::new(model.id));
        let (train, build, descent) = match names.get(&model.rollout_id) {
            Some(Ok(names)) => *names,
            Some(Err(why)) => return Err(row.wrong(format!("its rollout cannot be read: {why}"))),
            None => return Err(row.wrong("no rollout")),
        };
        let agent_since = since.get(&model.environment_id).copied();
        Ok(RunningUpdate { update: Update::try_from(model)?, train, build, agent_since, descent })
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Sandboxes of a customer that go before its production in this rollout, and in which the last failure, which ended then,
/// was mended by no later attempt, whatever runs there. In the order of their ids.
pub async fn failed_sandboxes(
    conn: &impl Connection,
    rollout: RolloutId,
    customer: CustomerId,
) -> Result<Vec<(EnvironmentId, DateTime<Utc>)>> {
    let failed: Vec<(Uuid, i64)> = Entity::find()
        .select_only()
        .columns([Column::EnvironmentId, Column::LastFailedMs])
        .join(JoinType::InnerJoin, Entity::belongs_to(e::Entity).from(Column::EnvironmentId).to(e::Column::Id).into())
        .filter(Column::RolloutId.eq(rollout.uuid()))
        .filter(Column::CustomerId.eq(customer.uuid()))
        .filter(Column::Audience.eq(keys::audience(Audience::Sandbox)))
        .filter(e::Column::Kind.eq(keys::kind(EnvironmentKind::Sandbox)))
        .filter(is_unmended())
        .order_by_asc(Column::EnvironmentId)
        .into_tuple()
        .all(conn)
        .await?;
    let read = |(id, at): (Uuid, i64)| {
        let id = EnvironmentId::new(id);
        Row::new("environment_update of environment", id).at(at).map(|at| (id, at))
    };
    failed.into_iter().map(read).collect()
}

/// The updates of these environments in one rollout, as far as they are enrolled.
pub async fn in_rollout(
    conn: &impl Connection,
    rollout: RolloutId,
    environments: &[EnvironmentId],
) -> Result<Vec<Update>> {
    let these = environments.iter().map(|id| id.uuid());
    let own = Entity::find().filter(Column::RolloutId.eq(rollout.uuid())).filter(Column::EnvironmentId.is_in(these));
    own.all(conn).await?.into_iter().map(Update::try_from).collect()
}

/// In the order of enrolment ids, after the update `after`.
pub async fn of_rollout(
    conn: &impl Connection,
    rollout: RolloutId,
    filter: &UpdateFilter,
    after: Option<UpdateId>,
    limit: u64,
) -> Result<Paged<InRollout>> {
    let condition = Condition::all()
        .add_option(filter.station.map(|station| Column::Station.eq(i16::from(station.0))))
        .add_option(filter.audience.map(|audience| Column::Audience.eq(keys::audience(audience))))
        .add_option(filter.unplaced.then(|| Column::Station.is_null()))
        .add_option(filter.state.map(in_state))
        .add_option(after.map(|id| Column::Id.gt(id.uuid())));
    let rows = Entity::find()
        .filter(Column::RolloutId.eq(rollout.uuid()))
        .filter(condition)
        .order_by_asc(Column::Id)
        .limit(limit.saturating_add(1))
        .all(conn)
        .await?;
    let page = Paged::cut(rows, limit);
    let environments = e::Entity::find().filter(e::Column::Id.is_in(page.rows.iter().map(|row| row.environment_id)));
    let environments: HashMap<_, _> = environments.all(conn).await?.into_iter().map(|row| (row.id, row)).collect();
    let customers = customer_names(conn, page.rows.iter().map(|row| row.customer_id).collect()).await?;
    page.try_map(|model| {
        let row = Row::new("environment_update", UpdateId::new(model.id));
        let environment = environments.get(&model.environment_id).ok_or_else(|| row.wrong("no environment"))?;
        let customer = customers.get(&model.customer_id).ok_or_else(|| row.wrong("no customer"))?;
        Ok(InRollout {
            update: Update::try_from(model)?,
            environment_name: environment.name.clone(),
            kind: row.word(&environment.kind, keys::kind_from)?,
            tier: row.number(environment.tier)?,
            region: environment.region.clone(),
            customer_name: customer.clone(),
        })
    })
}

/// Words are finer than tags: "moved" is an announced update with an old night.
fn in_state(word: UpdateStateWord) -> Condition {
    use UpdateStateWord as W;
    match word {
        W::Moved => Condition::all().add(Column::State.eq("announced")).add(Column::Moved.is_not_null()),
        W::Announced => Condition::all().add(Column::State.eq("announced")).add(Column::Moved.is_null()),
        W::Halted => Condition::all()
            .add(Column::State.is_in(["planned", "announced"]))
            .add(Column::RolloutId.in_subquery(rollouts_in(&["halted"]))),
        other => Condition::all().add(Column::State.eq(other.key())),
    }
}

fn rollouts_in(states: &[&str]) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(rollout::Column::Id)
        .from(rollout::Entity)
        .and_where(Expr::col(rollout::Column::State).is_in(states.iter().copied()))
        .take()
}

/// Its updates in all rollouts, newest first. Empty where the environment does not exist in this scope.
pub async fn of_environment(conn: &impl Connection, scope: TenantScope, id: EnvironmentId) -> Result<Vec<WithRollout>> {
    if environment::find(conn, scope, id).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(Column::EnvironmentId.eq(id.uuid()))
        .order_by_desc(Column::CreatedMs)
        .order_by_desc(Column::Id)
        .all(conn)
        .await?;
    with_rollouts(conn, rows).await
}

/// Updates of a customer whose night starts in `from..to`, by night. Of a held one that is the night of the attempt
/// that failed; of one that was cancelled, the announced one.
pub async fn of_customer_between(
    conn: &impl Connection,
    customer: CustomerId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<WithRollout>> {
    let in_range = Condition::all()
        .add(Column::NightStartMs.gte(from.timestamp_millis()))
        .add(Column::NightStartMs.lt(to.timestamp_millis()));
    let tried = Condition::all().add(Column::State.eq("held")).add(Column::Attempts.gt(0));
    let rows = Entity::find()
        .filter(Column::CustomerId.eq(customer.uuid()))
        .filter(Condition::any().add(in_range).add(tried))
        .all(conn)
        .await?;
    let mut updates: Vec<_> = with_rollouts(conn, rows)
        .await?
        .into_iter()
        .filter_map(|with| Some((with.update.state.night_or_tried().or(with.update.state.cancelled())?.start, with)))
        .filter(|(start, _)| (from..to).contains(start))
        .collect();
    updates.sort_by_key(|(start, with)| (*start, with.update.id));
    Ok(updates.into_iter().map(|(_, with)| with).collect())
}

/// Updates of a customer that are still to come, running or held, in rollouts that run or are halted.
pub async fn of_customer_open(conn: &impl Connection, customer: CustomerId) -> Result<Vec<WithRollout>> {
    let rows = Entity::find()
        .filter(Column::CustomerId.eq(customer.uuid()))
        .filter(Column::State.is_in(["planned", "announced", "in_progress", "verifying", "held"]))
        .filter(Column::RolloutId.in_subquery(rollouts_in(&["running", "halted"])))
        .order_by_asc(Column::Id)
        .all(conn)
        .await?;
    with_rollouts(conn, rows).await
}

async fn with_rollouts(conn: &impl Connection, rows: Vec<Model>) -> Result<Vec<WithRollout>> {
    let heads = rollouts::heads(conn, rows.iter().map(|row| row.rollout_id).collect()).await?;
    rows.into_iter()
        .map(|model| {
            let row = Row::new("environment_update", UpdateId::new(model.id));
            let (head, windows) = heads.get(&model.rollout_id).ok_or_else(|| row.wrong("no rollout"))?;
            let update = Update::try_from(model)?;
            let window = update.stage.and_then(|stage| windows.iter().find(|w| w.stage == stage).copied());
            Ok(WithRollout { update, rollout: head.clone(), window })
        })
        .collect()
}
