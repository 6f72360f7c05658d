//! Whom the gates of some rollouts want to hear of.

use crate::entity::{environment as e, environment_update as u};
use crate::row::Row;
use crate::{Connection, Result, keys};
use domain::fleet::EnvironmentKind;
use domain::ids::{CustomerId, EnvironmentId, RolloutId};
use domain::release::BuildVersion;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listened {
    pub environment: EnvironmentId,
    pub customer: CustomerId,
    pub kind: EnvironmentKind,
    pub region: String,
    /// What runs there.
    pub build: BuildVersion,
}

/// The environments that these rollouts count, each once, in the order of their ids.
pub async fn aboard(conn: &impl Connection, rollouts: &[RolloutId]) -> Result<Vec<Listened>> {
    let rollouts = rollouts.iter().map(|rollout| rollout.uuid());
    let counted = e::Entity::find()
        .select_only()
        .columns([e::Column::Id, e::Column::CustomerId, e::Column::Kind, e::Column::Region, e::Column::Build])
        .join(
            JoinType::InnerJoin,
            e::Entity::belongs_to(u::Entity).from(e::Column::Id).to(u::Column::EnvironmentId).into(),
        )
        .filter(u::Column::RolloutId.is_in(rollouts));
    let rows: Vec<(Uuid, Uuid, String, String, String)> = counted.into_tuple().all(conn).await?;
    let mut aboard = BTreeMap::new();
    for (id, customer, kind, region, build) in rows {
        let row = Row::new("environment", id);
        let listened = Listened {
            environment: EnvironmentId::new(id),
            customer: CustomerId::new(customer),
            kind: row.word(&kind, keys::kind_from)?,
            region,
            build: row.parse(&build)?,
        };
        aboard.insert(listened.environment, listened);
    }
    Ok(aboard.into_values().collect())
}
