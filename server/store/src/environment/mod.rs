//! Environments: what they are and what they run now. Search over all of them is in `deployment`.
//! Every change here moves the counters of `deployment` with it.

mod change;
mod columns;

pub use change::{
    Deployed, Planning, insert_history, insert_many, set_build, set_designation, set_exemption, set_planning,
};
pub(crate) use change::{note_enrolled, note_states, place_all};

use crate::entity::environment::{Column, Entity, Model};
use crate::entity::{deployment, environment_update, rollout};
use crate::row::{Row, name_key};
use crate::update::{self, Update};
use crate::{Connection, Paged, Result, keys};
use chrono::{DateTime, NaiveDate, Utc};
use domain::calendar::{DaySet, MaintenanceDays};
use domain::fleet::designation::Member;
use domain::fleet::{Designation, EnvironmentKind, Exemption, StationNumber};
use domain::ids::{CustomerId, EnvironmentId, RolloutId, UpdateId};
use domain::permission::TenantScope;
use domain::release::{BuildVersion, ServiceUpdate};
use domain::wire::signal::UpdateStateWord;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEnvironment {
    pub id: EnvironmentId,
    pub customer: CustomerId,
    pub name: String,
    pub kind: EnvironmentKind,
    pub tier: u8,
    /// The slug of a region, known to the catalogue or not.
    pub region: String,
    pub service_update: ServiceUpdate,
    pub build: BuildVersion,
    pub platform: Option<BuildVersion>,
    pub build_since: DateTime<Utc>,
    pub designation: Designation,
    pub chosen_days: Option<DaySet>,
    pub priority_batch: bool,
    pub exemption: Option<Exemption>,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    pub id: EnvironmentId,
    pub customer: CustomerId,
    pub name: String,
    pub kind: EnvironmentKind,
    pub tier: u8,
    pub region: String,
    /// Where trains meet it: the opt-in station for an early sandbox, else the station of its region.
    pub station: Option<StationNumber>,
    pub service_update: ServiceUpdate,
    pub build: BuildVersion,
    pub platform: Option<BuildVersion>,
    pub build_since: DateTime<Utc>,
    pub designation: Designation,
    pub chosen_days: Option<DaySet>,
    pub priority_batch: bool,
    pub exemption: Option<Exemption>,
    /// Its newest update in any rollout, and that update's state.
    pub current_update: Option<UpdateId>,
    pub current_state: Option<UpdateStateWord>,
    pub created_at: DateTime<Utc>,
    pub generation: i64,
    /// When its customer takes the next service update, where that is known.
    pub service_update_due: Option<NaiveDate>,
}

impl Environment {
    pub fn days(&self) -> MaintenanceDays {
        self.chosen_days.and_then(MaintenanceDays::chosen).unwrap_or(self.kind.default_days(self.tier))
    }

    pub fn member(&self) -> Member {
        Member {
            id: self.id,
            name: self.name.clone(),
            kind: self.kind,
            service_update: self.service_update,
            designation: self.designation,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvironmentFilter {
    /// Part of the name; empty for all.
    pub name_contains: String,
    pub kind: Option<EnvironmentKind>,
    pub state: Option<UpdateStateWord>,
}

/// A row of a list, with the newest update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub environment: Environment,
    pub update: Option<Update>,
}

/// What ran from when on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    pub since: DateTime<Utc>,
    pub service_update: ServiceUpdate,
    pub build: BuildVersion,
    pub platform: Option<BuildVersion>,
    /// The rollout that brought it, also ahead of its night; `None` for what was there at registration.
    pub rollout: Option<RolloutId>,
}

pub(crate) fn scoped(scope: TenantScope) -> Select<Entity> {
    match scope {
        TenantScope::Customer(own) => Entity::find().filter(Column::CustomerId.eq(own.uuid())),
        TenantScope::AllCustomers => Entity::find(),
    }
}

pub async fn find(conn: &impl Connection, scope: TenantScope, id: EnvironmentId) -> Result<Option<Environment>> {
    scoped(scope).filter(Column::Id.eq(id.uuid())).one(conn).await?.map(Environment::try_from).transpose()
}

/// By name, after the environment `after`.
pub async fn list(
    conn: &impl Connection,
    scope: TenantScope,
    filter: &EnvironmentFilter,
    after: Option<EnvironmentId>,
    limit: u64,
) -> Result<Paged<Listed>> {
    let rows = page(conn, scoped(scope).filter(condition(conn, filter).await?), scope, after, limit).await?;
    let mut updates = update::many(conn, rows.rows.iter().filter_map(|row| row.current_update_id).collect()).await?;
    rows.try_map(|model| {
        let environment = Environment::try_from(model)?;
        let update = environment.current_update.and_then(|id| updates.remove(&id));
        Ok(Listed { environment, update })
    })
}

/// For one customer. Counts over the whole fleet come from `deployment::counts`.
pub async fn count(conn: &impl Connection, customer: CustomerId, filter: &EnvironmentFilter) -> Result<u64> {
    let own = scoped(TenantScope::Customer(customer)).filter(condition(conn, filter).await?);
    Ok(own.count(conn).await?)
}

/// One page of a query over environments, in the order of names.
pub(crate) async fn page(
    conn: &impl Connection,
    select: Select<Entity>,
    scope: TenantScope,
    after: Option<EnvironmentId>,
    limit: u64,
) -> Result<Paged<Model>> {
    let mut select = select.order_by_asc(Column::NameKey).order_by_asc(Column::Id).limit(limit.saturating_add(1));
    // A row that is gone, or another customer's, is no place to go on from: the list begins again.
    if let Some(after) = after
        && let Some(last) = scoped(scope).filter(Column::Id.eq(after.uuid())).one(conn).await?
    {
        let place = |name: Expr, id: Expr| Expr::tuple([name, id]);
        let here = place(Expr::col((Entity, Column::NameKey)), Expr::col((Entity, Column::Id)));
        select = select.filter(here.gt(place(Expr::value(last.name_key), Expr::value(last.id))));
    }
    Ok(Paged::cut(select.all(conn).await?, limit))
}

async fn condition(conn: &impl Connection, filter: &EnvironmentFilter) -> Result<Condition> {
    let state = match filter.state {
        Some(state) => Some(in_state(conn, state).await?),
        None => None,
    };
    Ok(Condition::all()
        .add_option((!filter.name_contains.is_empty()).then(|| contains(Column::NameKey, &filter.name_contains)))
        .add_option(filter.kind.map(|kind| Column::Kind.eq(keys::kind(kind))))
        .add_option(state))
}

/// `column` holds the lower-case form; `%` and `_` in the text mean themselves.
pub(crate) fn contains(column: impl ColumnTrait, text: &str) -> Expr {
    let mut pattern = String::from("%");
    for letter in name_key(text).chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    column.like(LikeExpr::new(pattern).escape('\\'))
}

/// "Halted" is no state of an update but of its rollout: it was to come, and its rollout stands. The halted rollouts are
/// few and read first, so that the question costs nothing where none is.
pub(crate) async fn in_state(conn: &impl Connection, state: UpdateStateWord) -> Result<Expr> {
    use environment_update as u;
    if state != UpdateStateWord::Halted {
        return Ok(Column::CurrentState.eq(state.key()));
    }
    let halted = rollout::Entity::find().select_only().column(rollout::Column::Id);
    let halted = halted.filter(rollout::Column::State.eq("halted"));
    let rollouts: Vec<uuid::Uuid> = halted.into_tuple().all(conn).await?;
    if rollouts.is_empty() {
        return Ok(Expr::cust("1 = 0"));
    }
    let to_come = Query::select()
        .column(u::Column::Id)
        .from(u::Entity)
        .and_where(Expr::col(u::Column::RolloutId).is_in(rollouts))
        .and_where(Expr::col(u::Column::State).is_in(["planned", "announced"]))
        .take();
    Ok(Column::CurrentUpdateId.in_subquery(to_come))
}

/// All environments of one customer, by name.
pub async fn estate(conn: &impl Connection, customer: CustomerId) -> Result<Vec<Environment>> {
    let own = scoped(TenantScope::Customer(customer)).order_by_asc(Column::NameKey).order_by_asc(Column::Id);
    own.all(conn).await?.into_iter().map(Environment::try_from).collect()
}

/// What ran on it, newest first. Empty where the environment does not exist in this scope.
pub async fn history(conn: &impl Connection, scope: TenantScope, id: EnvironmentId) -> Result<Vec<HistoryEntry>> {
    if find(conn, scope, id).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = deployment::Entity::find()
        .filter(deployment::Column::EnvironmentId.eq(id.uuid()))
        .order_by_desc(deployment::Column::SinceMs)
        .all(conn)
        .await?;
    let row = Row::new("deployment", id);
    rows.into_iter()
        .map(|model| {
            Ok(HistoryEntry {
                since: row.at(model.since_ms)?,
                service_update: row.parse(&model.service_update)?,
                build: row.parse(&model.build)?,
                platform: row.parse_opt(model.platform_build.as_deref())?,
                rollout: model.rollout_id.map(RolloutId::new),
            })
        })
        .collect()
}
