//! Everything the planner may know about one rollout and some of its estates. Several reads: run it on a snapshot or
//! inside the transaction that will apply the plan.

mod elsewhere;
mod ends;
mod frame;
mod shelf;
mod stages;
mod turns;

use ends::Ends;
pub use shelf::Shelf;
use stages::ByStage;

use super::{Marks, REST_MAX};
use crate::entity::{environment as e, environment_update as u, recovery_move, rollout as r};
use crate::environment::Environment;
use crate::estate::{self, Seen};
use crate::row::{IDS_PER_QUERY, Row};
use crate::update::{self, Update};
use crate::{Connection, Result, digest};
use chrono::{DateTime, Utc};
use domain::fleet::{Cloud, Designation, EnvironmentKind, Region};
use domain::ids::{CustomerId, EnvironmentId, RolloutId};
use domain::release::ServiceUpdate;
use domain::rollout::{
    EnvironmentFacts, EstatePlan, Following, InFlight, Placement, RolloutFacts, RolloutKind, RolloutReport,
    RolloutState, UpdateFacts,
};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Estates that one plan looks at. Where all of them have news, with a handful of environments each, a plan takes about a
/// twentieth of a second to make and to write; nobody else writes meanwhile.
pub const ESTATES_PER_PLAN: u64 = 25;

/// Which estates are loaded.
#[derive(Debug, Clone, Copy)]
pub enum Reach<'a> {
    /// Those that are due, and those of which an update may start now. None of a rollout that does not run, and none
    /// while everything is halted.
    Due(DateTime<Utc>),
    These(&'a [CustomerId]),
    Everyone,
}

/// What a plan is made of, and the versions of the estates it looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    pub facts: RolloutFacts,
    pub seen: Vec<Seen>,
    /// Of the report of the last plan that said anything new.
    said: Option<String>,
    /// What a rest holds against (`rollout::rest`).
    pub marks: Marks,
    /// Until when it rests, and what the plan knew that laid it down.
    rest: Option<(DateTime<Utc>, Marks)>,
}

impl Loaded {
    /// It rests already, though something else had it looked at.
    pub fn rests(&self, now: DateTime<Utc>) -> bool {
        self.rest.is_some_and(|(until, marks)| marks == self.marks && now < until && until <= now + REST_MAX)
    }

    /// Whether the report knows the last night. Where the last of those looked at was moved nearer, the next plan does.
    pub fn knows_last_night(&self, report: &RolloutReport, plans: &[EstatePlan]) -> bool {
        let found = plans.iter().filter_map(|plan| plan.last_night).max();
        let was_theirs =
            self.seen.iter().any(|seen| seen.last_night.is_some() && seen.last_night == report.last_night_at);
        !was_theirs || found == report.last_night_at
    }

    /// Whether this says anything that the last report did not.
    pub fn is_news(&self, report: &RolloutReport) -> Result<bool> {
        Ok(self.said.as_deref() != Some(digest::of(report)?.to_string().as_str()))
    }
}

/// As [`load_facts_with`], with nothing kept.
pub async fn load_facts(conn: &impl Connection, id: RolloutId, reach: Reach<'_>) -> Result<Option<Loaded>> {
    load_facts_with(conn, &Shelf::default(), id, reach).await
}

/// `None` where there is no such rollout. Environments come in the order of their ids.
pub async fn load_facts_with(
    conn: &impl Connection,
    shelf: &Shelf,
    id: RolloutId,
    reach: Reach<'_>,
) -> Result<Option<Loaded>> {
    let ends = ends::of_rollout(conn, id).await?;
    let Some(left) = ends.left.clone() else { return Ok(None) };
    let reference = shelf.at(conn, ends.stirred).await?;
    let Some(frame) = shelf.frame(conn, &reference, id).await? else { return Ok(None) };
    let mut facts = RolloutFacts { generation: left.generation, ..frame.facts.clone() };
    let regions = &reference.regions;
    let starts;
    let running;
    (facts.in_flight, starts, running) = in_flight(conn, id).await?;
    stages::count(conn, &mut facts, &ends, starts, &frame.succeeded_before).await?;
    facts.last_night = ends.last_night;
    let mut seen = Vec::new();
    let customers = match reach {
        Reach::Everyone => None,
        Reach::These(customers) => Some(customers.iter().copied().collect()),
        Reach::Due(now) => {
            (seen, facts.pending) = due(conn, &facts, &ends, now).await?;
            Some(seen.iter().map(|seen| seen.customer).collect::<BTreeSet<_>>())
        }
    };
    let mut environments = environments(conn, &facts, customers, regions).await?;
    elsewhere::add(conn, &facts, &mut environments).await?;
    facts.environments = environments;
    let marks = Marks { stirred: ends.stirred, running };
    Ok(Some(Loaded { facts, seen, said: left.said, marks, rest: left.rest }))
}

/// The estates to look at now, and whether more are due than one plan takes.
async fn due(
    conn: &impl Connection,
    facts: &RolloutFacts,
    ends: &Ends,
    now: DateTime<Utc>,
) -> Result<(Vec<Seen>, bool)> {
    if !matches!(facts.state, RolloutState::Running { .. }) || facts.kill_switch().is_some() {
        return Ok((Vec::new(), false));
    }
    let mut seen = estate::due(conn, facts.rollout, now, ESTATES_PER_PLAN + 1).await?;
    let pending = seen.len() as u64 > ESTATES_PER_PLAN;
    let turns = turns::customers(conn, facts, ends, now).await?;
    let others = turns.into_iter().filter(|customer| seen.iter().all(|seen| seen.customer != *customer));
    let others: Vec<CustomerId> = others.collect();
    seen.extend(estate::seen(conn, facts.rollout, &others).await?);
    Ok((seen, pending))
}

/// The environments of these customers, or of everybody.
async fn environments(
    conn: &impl Connection,
    facts: &RolloutFacts,
    customers: Option<BTreeSet<CustomerId>>,
    regions: &[Region],
) -> Result<Vec<EnvironmentFacts>> {
    let (mut fleet, mut updates) = match customers {
        None => (everyone(conn, facts).await?, enrolled(conn, facts.rollout, None).await?),
        Some(customers) => {
            let customers: Vec<Uuid> = customers.into_iter().map(CustomerId::uuid).collect();
            let (mut fleet, mut updates) = (Vec::new(), HashMap::new());
            for chunk in customers.chunks(IDS_PER_QUERY) {
                fleet.extend(of_customers(conn, facts, chunk).await?);
            }
            let ids: Vec<Uuid> = fleet.iter().map(|environment| environment.id.uuid()).collect();
            for chunk in ids.chunks(IDS_PER_QUERY) {
                updates.extend(enrolled(conn, facts.rollout, Some(chunk)).await?);
            }
            (fleet, updates)
        }
    };
    // On the train's service update, or enrolled while it was.
    fleet.retain(|environment| {
        environment.service_update == facts.train.service_update || updates.contains_key(&environment.id)
    });
    fleet.sort_by_key(|environment| environment.id);
    let regions: HashMap<&str, &Region> = regions.iter().map(|region| (region.slug.as_str(), region)).collect();
    let productions = followed(conn, &fleet).await?;
    Ok(fleet
        .into_iter()
        .map(|environment| {
            let following = match environment.designation {
                Designation::WithProduction { production } => {
                    productions.get(&production).map(|(service_update, region)| Following {
                        production,
                        service_update: *service_update,
                        station: regions.get(region.as_str()).and_then(|region| region.station),
                    })
                }
                Designation::Standard | Designation::Early => None,
            };
            let update = updates.remove(&environment.id);
            let placement = placement(&environment, regions.get(environment.region.as_str()).copied());
            of_environment(environment, placement, following, update)
        })
        .collect())
}

async fn everyone(conn: &impl Connection, facts: &RolloutFacts) -> Result<Vec<Environment>> {
    let enrolled = Query::select()
        .column(u::Column::EnvironmentId)
        .from(u::Entity)
        .and_where(Expr::col(u::Column::RolloutId).eq(facts.rollout.uuid()))
        .take();
    let here = e::Entity::find().filter(here(facts)).all(conn).await?;
    let left = e::Entity::find().filter(not_here(facts)).filter(e::Column::Id.in_subquery(enrolled)).all(conn).await?;
    here.into_iter().chain(left).map(Environment::try_from).collect()
}

/// Also those on another service update, which may have been enrolled before. They are few; asking for their updates one by
/// one, by their ids, is quick, and asking which of the rollout's updates are theirs is not.
async fn of_customers(conn: &impl Connection, facts: &RolloutFacts, of: &[Uuid]) -> Result<Vec<Environment>> {
    let theirs = e::Entity::find().filter(e::Column::CustomerId.is_in(of.iter().copied()));
    let rows = theirs.filter(here(facts).or(not_here(facts))).all(conn).await?;
    rows.into_iter().map(Environment::try_from).collect()
}

fn here(facts: &RolloutFacts) -> Expr {
    let on = e::Column::ServiceUpdate.eq(facts.train.service_update.to_string());
    if facts.kind == RolloutKind::Forward { on } else { on.and(e::Column::Id.in_subquery(named(facts))) }
}

fn not_here(facts: &RolloutFacts) -> Expr {
    e::Column::ServiceUpdate.ne(facts.train.service_update.to_string())
}

/// The environments that the recovery of this rollout takes back to its build: nobody else is aboard (invariant I7).
fn named(facts: &RolloutFacts) -> SelectStatement {
    let recovery = Query::select()
        .column(r::Column::RecoveryId)
        .from(r::Entity)
        .and_where(Expr::col(r::Column::Id).eq(facts.rollout.uuid()))
        .take();
    Query::select()
        .column(recovery_move::Column::EnvironmentId)
        .from(recovery_move::Entity)
        .and_where(Expr::col(recovery_move::Column::RecoveryId).in_subquery(recovery))
        .and_where(Expr::col(recovery_move::Column::ToBuild).eq(facts.build.to_string()))
        .take()
}

/// The service updates of followed productions, which may be on another one than the train's, and their regions.
async fn followed(
    conn: &impl Connection,
    fleet: &[Environment],
) -> Result<HashMap<EnvironmentId, (ServiceUpdate, String)>> {
    let here: HashMap<EnvironmentId, &Environment> =
        fleet.iter().map(|environment| (environment.id, environment)).collect();
    let mut found = HashMap::new();
    let mut elsewhere = Vec::new();
    for environment in fleet {
        let Designation::WithProduction { production } = environment.designation else {
            continue;
        };
        match here.get(&production) {
            Some(at) if at.kind == EnvironmentKind::Production => {
                found.insert(production, (at.service_update, at.region.clone()));
            }
            Some(_) => {}
            None => elsewhere.push(production.uuid()),
        }
    }
    elsewhere.sort_unstable();
    elsewhere.dedup();
    for chunk in elsewhere.chunks(IDS_PER_QUERY) {
        let rows = e::Entity::find().filter(e::Column::Id.is_in(chunk.iter().copied())).all(conn).await?;
        for row in rows {
            let at = Environment::try_from(row)?;
            if at.kind == EnvironmentKind::Production {
                found.insert(at.id, (at.service_update, at.region));
            }
        }
    }
    Ok(found)
}

/// Rollout, environment, customer, region, station, audience, and when it started.
type RunningColumns = (Uuid, Uuid, Uuid, String, Option<i16>, Option<String>, i64);

/// What runs just now, in any rollout; when the rollout's own started, by stage; and the mark of all ([`Marks`]). One query,
/// for the caps bound the number of its rows.
async fn in_flight(conn: &impl Connection, id: RolloutId) -> Result<(Vec<InFlight>, ByStage<DateTime<Utc>>, i64)> {
    let mut rows: Vec<RunningColumns> = u::Entity::find()
        .select_only()
        .columns([u::Column::RolloutId, u::Column::EnvironmentId, u::Column::CustomerId])
        .column(e::Column::Region)
        .columns([u::Column::Station, u::Column::Audience, u::Column::StartedMs])
        .join(
            JoinType::InnerJoin,
            u::Entity::belongs_to(e::Entity).from(u::Column::EnvironmentId).to(e::Column::Id).into(),
        )
        .filter(update::running_now())
        .into_tuple()
        .all(conn)
        .await?;
    // By environment, of which none runs two. Not in SQL: SQLite would walk the whole table in that order.
    rows.sort_unstable_by_key(|(_, environment, ..)| *environment);
    let running = rows.iter().map(|(.., started)| started).sum();
    let (mut in_flight, mut starts) = (Vec::with_capacity(rows.len()), ByStage::new());
    for (rollout, environment, customer, region, station, audience, started) in rows {
        let environment = EnvironmentId::new(environment);
        let row = Row::new("environment_update of environment", environment);
        let stage = stages::stage_of(&row, &(station, audience))?;
        let own = rollout == id.uuid();
        if own {
            starts.entry(stage).or_default().push(row.at(started)?);
        }
        let (customer, station) = (CustomerId::new(customer), stage.map(|stage| stage.station));
        in_flight.push(InFlight { environment, customer, region, station, own });
    }
    Ok((in_flight, starts, running))
}

async fn enrolled(
    conn: &impl Connection,
    id: RolloutId,
    of: Option<&[Uuid]>,
) -> Result<HashMap<EnvironmentId, UpdateFacts>> {
    let which = Condition::all().add_option(of.map(|of| u::Column::EnvironmentId.is_in(of.iter().copied())));
    let rows = u::Entity::find().filter(u::Column::RolloutId.eq(id.uuid())).filter(which).all(conn).await?;
    rows.into_iter()
        .map(|row| {
            let update = Update::try_from(row)?;
            let facts = UpdateFacts {
                id: update.id,
                stage: update.stage,
                follows: update.follows,
                state: update.state,
                attempts: update.attempts,
                failed_at: update.last_failed_at,
                reasons: update.reasons,
                next: update.next,
                part: update.part,
                early: update.early,
                pull: update.pull,
            };
            Ok((update.environment, facts))
        })
        .collect()
}

/// A region that the catalogue does not know has no station and no dark hours; its slug stands for its name.
fn placement(environment: &Environment, region: Option<&Region>) -> Placement {
    Placement {
        region: environment.region.clone(),
        region_name: region.map_or_else(|| environment.region.clone(), |region| region.name.clone()),
        cloud: region.map_or(Cloud::Public, |region| region.cloud),
        station: region.and_then(|region| region.station),
        dark_hours: region.and_then(|region| region.dark_hours),
    }
}

fn of_environment(
    environment: Environment,
    placement: Placement,
    following: Option<Following>,
    update: Option<UpdateFacts>,
) -> EnvironmentFacts {
    EnvironmentFacts {
        id: environment.id,
        days: environment.days(),
        name: environment.name,
        customer: environment.customer,
        kind: environment.kind,
        placement,
        designation: environment.designation,
        following,
        service_update: environment.service_update,
        build: environment.build,
        exemption: environment.exemption,
        service_update_due: environment.service_update_due,
        priority_batch: environment.priority_batch,
        elsewhere: Vec::new(),
        update,
    }
}
