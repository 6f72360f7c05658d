//! Everything the planner may know about one rollout. Several reads: run it on a snapshot or inside the transaction
//! that will apply the plan.

use super::{approvals, find, stages};
use crate::build;
use crate::entity::{environment as e, environment_update as u};
use crate::environment::Environment;
use crate::row::{IDS_PER_QUERY, Row};
use crate::update::{self, Update};
use crate::{Connection, Result, catalogue};
use domain::fleet::{Designation, EnvironmentKind, Region, StationNumber};
use domain::ids::{CustomerId, EnvironmentId, RolloutId};
use domain::release::ServiceUpdate;
use domain::rollout::{EnvironmentFacts, Following, Placement, RolloutFacts, RunningElsewhere, UpdateFacts};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;
use uuid::Uuid;

/// `None` where there is no such rollout. Environments come in the order of their ids.
pub async fn load_facts(conn: &impl Connection, id: RolloutId) -> Result<Option<RolloutFacts>> {
    let Some(rollout) = find(conn, id).await? else {
        return Ok(None);
    };
    let build = build::find(conn, rollout.build).await?;
    let build = build.ok_or_else(|| Row::new("rollout", id).wrong("its build does not exist"))?;
    Ok(Some(RolloutFacts {
        rollout: id,
        generation: rollout.generation,
        train: rollout.train,
        build: rollout.version,
        start: rollout.start,
        build_halted: build.halted.map(|halt| halt.reason),
        policy: rollout.policy,
        stages: stages(conn, id).await?,
        approvals: approvals(conn, id).await?,
        environments: environments(conn, id, rollout.train.service_update).await?,
        elsewhere: elsewhere(conn, id).await?,
        state: rollout.state,
    }))
}

async fn environments(conn: &impl Connection, id: RolloutId, aboard: ServiceUpdate) -> Result<Vec<EnvironmentFacts>> {
    let mut fleet = fleet(conn, id, aboard).await?;
    fleet.sort_by_key(|environment| environment.id);
    let regions: HashMap<String, Region> =
        catalogue::regions(conn).await?.into_iter().map(|region| (region.slug.clone(), region)).collect();
    let productions = followed(conn, &fleet).await?;
    let mut updates = updates(conn, id).await?;
    Ok(fleet
        .into_iter()
        .map(|environment| {
            let following = match environment.designation {
                Designation::WithProduction { production } => {
                    productions.get(&production).map(|(service_update, region)| Following {
                        production,
                        service_update: *service_update,
                        station: regions.get(region).and_then(|region| region.station),
                    })
                }
                Designation::Standard | Designation::Early => None,
            };
            let update = updates.remove(&environment.id);
            let placement = placement(&environment, regions.get(&environment.region));
            facts(environment, placement, following, update)
        })
        .collect())
}

/// On the train's service update, or enrolled while it was.
async fn fleet(conn: &impl Connection, id: RolloutId, aboard: ServiceUpdate) -> Result<Vec<Environment>> {
    let aboard = aboard.to_string();
    let enrolled = Query::select()
        .column(u::Column::EnvironmentId)
        .from(u::Entity)
        .and_where(Expr::col(u::Column::RolloutId).eq(id.uuid()))
        .take();
    let here = e::Entity::find().filter(e::Column::ServiceUpdate.eq(&aboard)).all(conn).await?;
    let left = e::Entity::find()
        .filter(e::Column::ServiceUpdate.ne(aboard))
        .filter(e::Column::Id.in_subquery(enrolled))
        .all(conn)
        .await?;
    here.into_iter().chain(left).map(Environment::try_from).collect()
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

/// What other rollouts run just now. One query, for the caps bound the number of its rows.
async fn elsewhere(conn: &impl Connection, id: RolloutId) -> Result<Vec<RunningElsewhere>> {
    let rows: Vec<(Uuid, Uuid, String, Option<i16>)> = u::Entity::find()
        .select_only()
        .columns([u::Column::EnvironmentId, u::Column::CustomerId])
        .column(e::Column::Region)
        .column(u::Column::Station)
        .join(
            JoinType::InnerJoin,
            u::Entity::belongs_to(e::Entity).from(u::Column::EnvironmentId).to(e::Column::Id).into(),
        )
        .filter(update::running_now())
        .filter(u::Column::RolloutId.ne(id.uuid()))
        .order_by_asc(u::Column::Id)
        .into_tuple()
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|(environment, customer, region, station)| {
            let environment = EnvironmentId::new(environment);
            let row = Row::new("environment_update of environment", environment);
            let station = station.map(|station| row.number(station).map(StationNumber)).transpose()?;
            Ok(RunningElsewhere { environment, customer: CustomerId::new(customer), region, station })
        })
        .collect()
}

async fn updates(conn: &impl Connection, id: RolloutId) -> Result<HashMap<EnvironmentId, UpdateFacts>> {
    let rows = u::Entity::find().filter(u::Column::RolloutId.eq(id.uuid())).all(conn).await?;
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
        station: region.and_then(|region| region.station),
        dark_hours: region.and_then(|region| region.dark_hours),
    }
}

fn facts(
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
        priority_batch: environment.priority_batch,
        update,
    }
}
