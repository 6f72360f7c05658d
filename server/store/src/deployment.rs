//! The version finder: which environments run what, where; and the counters behind the matrix of builds and stations.
//! Counters are moved by every change of an environment, so no page counts the fleet.

use crate::entity::{customer, deployment_count as counter, environment as e};
use crate::environment::{self, Environment};
use crate::row::Row;
use crate::update::{self, Update};
use crate::{Connection, Error, Paged, Result, keys};
use domain::fleet::{EnvironmentKind, StationNumber};
use domain::ids::EnvironmentId;
use domain::permission::TenantScope;
use domain::release::{BuildVersion, ServiceUpdate, TrainId};
use domain::wire::signal::UpdateStateWord;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, Condition, DerivePartialModel, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// What the free text of the version finder means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextMatch {
    /// The beginning of a build or of a service update: digits and dots.
    Version(String),
    /// Part of the name of a customer or an environment.
    Name(String),
}

impl TextMatch {
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        // "10.0.48 PQU-7", as pages name a train: where its service update is.
        if let Ok(train) = text.parse::<TrainId>() {
            return Some(Self::Version(train.service_update.to_string()));
        }
        let version = text.contains('.') && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        match text {
            "" => None,
            _ if version => Some(Self::Version(text.to_owned())),
            _ => Some(Self::Name(text.to_owned())),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtStation {
    Number(StationNumber),
    Nowhere,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeploymentFilter {
    pub text: Option<TextMatch>,
    pub station: Option<AtStation>,
    pub region: Option<String>,
    pub state: Option<UpdateStateWord>,
    pub kind: Option<EnvironmentKind>,
    pub build: Option<BuildVersion>,
    pub service_update: Option<ServiceUpdate>,
}

impl DeploymentFilter {
    /// The counters know everything that is asked for, so their sum is the number of environments that match.
    pub const fn is_counted(&self) -> bool {
        self.state.is_none() && !matches!(self.text, Some(TextMatch::Name(_)))
    }

    const fn station_number(&self) -> Option<i16> {
        match self.station {
            None => None,
            Some(AtStation::Number(number)) => Some(number.0 as i16),
            Some(AtStation::Nowhere) => Some(0),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub environment: Environment,
    pub customer_name: String,
    /// Its newest update.
    pub update: Option<Update>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildCount {
    pub service_update: ServiceUpdate,
    pub build: BuildVersion,
    pub station: Option<StationNumber>,
    pub environments: u64,
}

/// Environments by name, after the environment `after`. Over all customers: for staff.
pub async fn search(
    conn: &impl Connection,
    filter: &DeploymentFilter,
    after: Option<EnvironmentId>,
    limit: u64,
) -> Result<Paged<Found>> {
    let condition = condition(conn, filter).await?;
    let scope = TenantScope::AllCustomers;
    let page = environment::page(conn, environment::scoped(scope).filter(condition), scope, after, limit).await?;
    let mut updates = update::many(conn, page.rows.iter().filter_map(|row| row.current_update_id).collect()).await?;
    let names = customer_names(conn, page.rows.iter().map(|row| row.customer_id).collect()).await?;
    page.try_map(|model| {
        let customer_name = names.get(&model.customer_id).cloned();
        let environment = Environment::try_from(model)?;
        let customer_name =
            customer_name.ok_or_else(|| Row::new("environment", environment.id).wrong("no customer"))?;
        let update = environment.current_update.and_then(|id| updates.remove(&id));
        Ok(Found { environment, customer_name, update })
    })
}

pub(crate) async fn customer_names(conn: &impl Connection, ids: BTreeSet<Uuid>) -> Result<HashMap<Uuid, String>> {
    let rows = customer::Entity::find().filter(customer::Column::Id.is_in(ids)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

async fn condition(conn: &impl Connection, filter: &DeploymentFilter) -> Result<Condition> {
    let text = match &filter.text {
        None => None,
        Some(TextMatch::Version(prefix)) => Some(versions(prefix, &known_builds(conn).await?)),
        Some(TextMatch::Name(part)) => Some(names(part)),
    };
    let state = match filter.state {
        Some(state) => Some(environment::in_state(conn, state).await?),
        None => None,
    };
    Ok(Condition::all()
        .add_option(text)
        .add_option(filter.station_number().map(|number| e::Column::Station.eq(number)))
        .add_option(filter.region.as_ref().map(|slug| e::Column::Region.eq(slug)))
        .add_option(state)
        .add_option(filter.kind.map(|kind| e::Column::Kind.eq(keys::kind(kind))))
        .add_option(filter.build.map(|build| e::Column::Build.eq(build.to_string())))
        .add_option(filter.service_update.map(|number| e::Column::ServiceUpdate.eq(number.to_string()))))
}

/// Hundreds of builds run on a million environments, so the beginning is compared with the builds, and the index on
/// builds finds the environments.
fn versions(prefix: &str, known: &[KnownBuild]) -> Condition {
    let begins = |text: &str| text.starts_with(prefix);
    let builds: BTreeSet<&str> = known.iter().map(|k| k.build.as_str()).filter(|text| begins(text)).collect();
    let updates: BTreeSet<&str> = known.iter().map(|k| k.service_update.as_str()).filter(|text| begins(text)).collect();
    Condition::any().add(e::Column::Build.is_in(builds)).add(e::Column::ServiceUpdate.is_in(updates))
}

fn names(part: &str) -> Condition {
    let customers = Query::select()
        .column(customer::Column::Id)
        .from(customer::Entity)
        .and_where(environment::contains(customer::Column::NameKey, part))
        .take();
    Condition::any()
        .add(environment::contains(e::Column::NameKey, part))
        .add(e::Column::CustomerId.in_subquery(customers))
}

#[derive(FromQueryResult)]
struct KnownBuild {
    service_update: String,
    build: String,
}

async fn known_builds(conn: &impl Connection) -> Result<Vec<KnownBuild>> {
    let known = counter::Entity::find()
        .select_only()
        .columns([counter::Column::ServiceUpdate, counter::Column::Build])
        .distinct()
        .filter(counter::Column::Environments.gt(0));
    Ok(known.into_model().all(conn).await?)
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "counter::Entity")]
struct Counted {
    service_update: String,
    build: String,
    build_sort: String,
    station: i16,
    environments: i64,
}

/// The matrix, newest build first, stations in order. What the counters do not know (names, states) is left out of the
/// filter; see [`DeploymentFilter::is_counted`].
pub async fn counts(conn: &impl Connection, filter: &DeploymentFilter) -> Result<Vec<BuildCount>> {
    use counter::Column as C;
    let condition = Condition::all()
        .add_option(filter.station_number().map(|number| C::Station.eq(number)))
        .add_option(filter.region.as_ref().map(|slug| C::Region.eq(slug)))
        .add_option(filter.kind.map(|kind| C::Kind.eq(keys::kind(kind))))
        .add_option(filter.build.map(|build| C::Build.eq(build.to_string())))
        .add_option(filter.service_update.map(|number| C::ServiceUpdate.eq(number.to_string())));
    let rows: Vec<Counted> = counter::Entity::find()
        .filter(condition)
        .filter(C::Environments.gt(0))
        .order_by_desc(C::BuildSort)
        .order_by_asc(C::Station)
        .into_partial_model()
        .all(conn)
        .await?;
    let asked = |row: &Counted| match &filter.text {
        Some(TextMatch::Version(prefix)) => row.build.starts_with(prefix) || row.service_update.starts_with(prefix),
        Some(TextMatch::Name(_)) | None => true,
    };
    let mut cells: BTreeMap<(std::cmp::Reverse<String>, String, i16), BuildCount> = BTreeMap::new();
    for row in rows.into_iter().filter(asked) {
        let at = Row::new("deployment_count", &row.build);
        let station: u8 = at.number(row.station)?;
        let environments: u64 = at.number(row.environments)?;
        let cell = BuildCount {
            service_update: at.parse(&row.service_update)?,
            build: at.parse(&row.build)?,
            station: (station != 0).then_some(StationNumber(station)),
            environments: 0,
        };
        let key = (std::cmp::Reverse(row.build_sort), row.service_update, row.station);
        cells.entry(key).or_insert(cell).environments += environments;
    }
    Ok(cells.into_values().collect())
}

/// Environments on each service update, newest first.
pub async fn by_service_update(conn: &impl Connection) -> Result<Vec<(ServiceUpdate, u64)>> {
    let mut sums: BTreeMap<ServiceUpdate, u64> = BTreeMap::new();
    for cell in counts(conn, &DeploymentFilter::default()).await? {
        *sums.entry(cell.service_update).or_default() += cell.environments;
    }
    Ok(sums.into_iter().rev().collect())
}

/// One counter: everything about an environment that the matrix and its filters ask for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CountKey {
    service_update: String,
    build: String,
    build_sort: String,
    station: i16,
    region: String,
    kind: String,
}

impl CountKey {
    pub fn of(row: &e::Model) -> Self {
        Self {
            service_update: row.service_update.clone(),
            build: row.build.clone(),
            build_sort: row.build_sort.clone(),
            station: row.station,
            region: row.region.clone(),
            kind: row.kind.clone(),
        }
    }
}

pub(crate) async fn count_up(conn: &impl Connection, key: &CountKey, by: i64) -> Result<()> {
    use counter::Column as C;
    let row = counter::Model {
        service_update: key.service_update.clone(),
        build: key.build.clone(),
        build_sort: key.build_sort.clone(),
        station: key.station,
        region: key.region.clone(),
        kind: key.kind.clone(),
        environments: by,
    };
    let known = OnConflict::columns([C::ServiceUpdate, C::Build, C::Station, C::Region, C::Kind])
        .value(C::Environments, Expr::col((counter::Entity, C::Environments)).add(by))
        .to_owned();
    counter::Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

/// A counter that is missing or at nothing was not kept: that is an inconsistency, not a zero.
pub(crate) async fn count_down(conn: &impl Connection, key: &CountKey) -> Result<()> {
    use counter::Column as C;
    let changed = counter::Entity::update_many()
        .col_expr(C::Environments, Expr::col(C::Environments).sub(1_i64))
        .filter(C::ServiceUpdate.eq(&key.service_update))
        .filter(C::Build.eq(&key.build))
        .filter(C::Station.eq(key.station))
        .filter(C::Region.eq(&key.region))
        .filter(C::Kind.eq(&key.kind))
        .filter(C::Environments.gt(0))
        .exec(conn)
        .await?;
    if changed.rows_affected == 1 {
        return Ok(());
    }
    let id = format!("{} at station {}, {}, {}", key.build, key.station, key.region, key.kind);
    Err(Error::Inconsistent {
        table: "deployment_count",
        id,
        what: "it does not count an environment that exists".into(),
    })
}

pub(crate) async fn recount_all(conn: &impl Connection) -> Result<()> {
    counter::Entity::delete_many().exec(conn).await?;
    conn.execute_unprepared(
        "insert into deployment_count (service_update, build, build_sort, station, region, kind, environments) \
         select service_update, build, build_sort, station, region, kind, count(*) from environment \
         group by service_update, build, build_sort, station, region, kind",
    )
    .await?;
    Ok(())
}
