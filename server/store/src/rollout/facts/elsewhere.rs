//! What else is planned for the environments of a plan (rule R1): updates of other rollouts under way of the same service
//! update, announced for a night or at work in it. Most of the time there is no such rollout, and nothing more is asked.

use crate::entity::{environment_update as u, rollout as r};
use crate::row::{IDS_PER_QUERY, Row};
use crate::update::Update;
use crate::{Connection, Result};
use domain::ids::UpdateId;
use domain::release::TrainId;
use domain::rollout::{EnvironmentFacts, PlannedElsewhere, RolloutFacts, UpdateState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::HashMap;
use uuid::Uuid;

/// What is announced for an environment of these facts, or runs there.
const PLANNED: [&str; 3] = ["announced", "in_progress", "verifying"];

pub async fn add(conn: &impl Connection, facts: &RolloutFacts, environments: &mut [EnvironmentFacts]) -> Result<()> {
    if environments.is_empty() {
        return Ok(());
    }
    let trains = other_trains(conn, facts).await?;
    if trains.is_empty() {
        return Ok(());
    }
    let index: HashMap<Uuid, usize> = environments.iter().enumerate().map(|(i, e)| (e.id.uuid(), i)).collect();
    let ids: Vec<Uuid> = index.keys().copied().collect();
    for chunk in ids.chunks(IDS_PER_QUERY) {
        let rows = u::Entity::find()
            .filter(u::Column::EnvironmentId.is_in(chunk.iter().copied()))
            .filter(u::Column::RolloutId.is_in(trains.keys().copied()))
            .filter(u::Column::State.is_in(PLANNED));
        for row in rows.all(conn).await? {
            // One that cannot be read stops its own rollout, and no other.
            let Ok(other) = Update::try_from(row) else { continue };
            let place = index.get(&other.environment.uuid()).and_then(|i| environments.get_mut(*i));
            let train = trains.get(&other.rollout.uuid());
            if let (Some(environment), Some(train), Some(night)) = (place, train, other.state.night()) {
                let goes_first = goes_first(&other, environment);
                environment.elsewhere.push(PlannedElsewhere { train: *train, night, goes_first });
            }
        }
    }
    for environment in environments {
        environment.elsewhere.sort_by_key(|other| (other.night, other.train));
    }
    Ok(())
}

/// Of rollouts that run: what a halted one has announced does not take place as long as it stands.
async fn other_trains(conn: &impl Connection, facts: &RolloutFacts) -> Result<HashMap<Uuid, TrainId>> {
    let rows: Vec<(Uuid, i32)> = r::Entity::find()
        .select_only()
        .columns([r::Column::Id, r::Column::TrainNumber])
        .filter(r::Column::State.eq("running"))
        .filter(r::Column::ServiceUpdate.eq(facts.train.service_update.to_string()))
        .filter(r::Column::Id.ne(facts.rollout.uuid()))
        .into_tuple()
        .all(conn)
        .await?;
    let train = |(id, number): (Uuid, i32)| {
        let number = Row::new("rollout", id).number(number)?;
        Ok((id, TrainId { service_update: facts.train.service_update, number }))
    };
    rows.into_iter().map(train).collect()
}

/// What runs, what its owner takes ahead, and what was announced before ours.
fn goes_first(other: &Update, environment: &EnvironmentFacts) -> bool {
    let announced = |id: UpdateId, state: &UpdateState| match state {
        UpdateState::Announced { announced_at, .. } => Some((*announced_at, id)),
        _ => None,
    };
    let own = environment.update.as_ref().and_then(|own| announced(own.id, &own.state));
    other.pull.is_some() || own.zip(announced(other.id, &other.state)).is_none_or(|(own, other)| other < own)
}
