//! What a plan knows of its rollout beside environments: policy, build, stages, halts, approvals, emergency path.

use super::shelf::Reference;
use super::stages;
use crate::build::Build;
use crate::entity::{build as b, rollout as r};
use crate::rollout::{approvals, columns, ordered, promotion, stage_rows, unreported};
use crate::row::Row;
use crate::{Connection, Result, emergency, halt};
use domain::fleet::StageKey;
use domain::health::ReportCounts;
use domain::ids::RolloutId;
use domain::rollout::RolloutFacts;
use domain::rollout::report::StageCounts;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use std::collections::HashMap;

/// `facts` as they stand when everything is recorded that `Reference` knows of; their generation may be an older one.
#[derive(Debug)]
pub struct Frame {
    pub facts: RolloutFacts,
    pub succeeded_before: HashMap<StageKey, u32>,
}

/// `None` where there is no such rollout.
pub async fn read(conn: &impl Connection, reference: &Reference, id: RolloutId) -> Result<Option<Frame>> {
    let of_build = r::Entity::belongs_to(b::Entity).from(r::Column::BuildId).to(b::Column::Id).into();
    let own = unreported().filter(r::Column::Id.eq(id.uuid()));
    let both = own.join(JoinType::LeftJoin, of_build).select_also(b::Entity);
    let Some((model, build)) = both.one(conn).await? else {
        return Ok(None);
    };
    let build: Build = build.ok_or_else(|| Row::new("rollout", id).wrong("its build does not exist"))?.try_into()?;
    let rollout = columns::to_rollout(model, build.version)?;
    let rows = stage_rows(conn, id).await?;
    let mut stages = ordered(&rows)?;
    stages::first_nights(&mut stages, &reference.regions);
    let unapproved = build.unapproved(&reference.approvers);
    let promotion = promotion(&rollout, &build, &stages, reference.approvers.clone())?;
    let facts = RolloutFacts {
        rollout: id,
        generation: rollout.generation,
        train: rollout.train,
        build: rollout.version,
        build_id: rollout.build,
        start: rollout.start,
        build_halted: build.halted.map(|halt| halt.reason),
        unapproved,
        policy: rollout.policy,
        kind: rollout.descent.kind,
        emergency: emergency::active(conn, id).await?,
        halts: halt::of_plan(conn, id).await?,
        freezes: reference.freezes.clone(),
        stages,
        approvals: promotion.counting(&approvals(conn, id).await?),
        environments: Vec::new(),
        pending: false,
        unplaced: StageCounts::default(),
        reports: ReportCounts::default(),
        last_night: None,
        in_flight: Vec::new(),
        state: rollout.state,
    };
    Ok(Some(Frame { facts, succeeded_before: stages::succeeded_before(&rows)? }))
}
