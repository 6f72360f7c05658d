//! Approvals of promotions: given ones as rows, and what stands there now, which decides whether they count.

use super::Rollout;
use crate::build::Build;
use crate::entity::approval::{Column, Entity, Model};
use crate::row::{Row, ms};
use crate::{Connection, Result, digest, user};
use domain::calendar::StageWindow;
use domain::fleet::StationNumber;
use domain::ids::{RolloutId, UserId};
use domain::permission::Permission;
use domain::rollout::{Approval, GivenApproval, Promotion, StageFacts, Subject};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// Conflict where the station has an approval, whether or not it still counts.
pub async fn add_approval(conn: &impl Connection, id: RolloutId, given: &GivenApproval) -> Result<()> {
    let GivenApproval { station, approval, digest } = given;
    let row = Model {
        rollout_id: id.uuid(),
        station: station.0.into(),
        user_id: approval.by.uuid(),
        user_name: approval.name.clone(),
        at_ms: ms(approval.at),
        digest: digest.as_ref().map(ToString::to_string),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// One that counts no more gives way to another; the audit trail keeps it.
pub async fn drop_approval(conn: &impl Connection, id: RolloutId, station: StationNumber) -> Result<()> {
    let of_station = Column::Station.eq(i16::from(station.0));
    Entity::delete_many().filter(Column::RolloutId.eq(id.uuid())).filter(of_station).exec(conn).await?;
    Ok(())
}

/// By station: the last one given, whether or not it still counts.
pub async fn approvals(conn: &impl Connection, id: RolloutId) -> Result<Vec<GivenApproval>> {
    let given = Entity::find().filter(Column::RolloutId.eq(id.uuid())).order_by_asc(Column::Station);
    given.all(conn).await?.into_iter().map(to_given).collect()
}

/// Of every rollout, each as [`approvals`] gives them.
pub(crate) async fn all_approvals(conn: &impl Connection) -> Result<HashMap<RolloutId, Vec<GivenApproval>>> {
    let mut given: HashMap<RolloutId, Vec<GivenApproval>> = HashMap::new();
    for model in Entity::find().order_by_asc(Column::Station).all(conn).await? {
        given.entry(RolloutId::new(model.rollout_id)).or_default().push(to_given(model)?);
    }
    Ok(given)
}

fn to_given(model: Model) -> Result<GivenApproval> {
    let row = Row::new("approval", format!("{} {}", RolloutId::new(model.rollout_id), model.station));
    Ok(GivenApproval {
        station: StationNumber(row.number(model.station)?),
        digest: row.parse_opt(model.digest.as_deref())?,
        approval: Approval { by: UserId::new(model.user_id), name: model.user_name, at: row.at(model.at_ms)? },
    })
}

/// Everybody who may approve builds and promotions now.
pub async fn approvers(conn: &impl Connection) -> Result<Vec<UserId>> {
    user::who_may(conn, Permission::ApprovePromotion).await
}

/// What stands there now, and whose approval of it counts.
pub fn promotion(
    rollout: &Rollout,
    build: &Build,
    stages: &[StageFacts],
    authorised: Vec<UserId>,
) -> Result<Promotion> {
    let windows: Vec<StageWindow> = stages.iter().map(|stage| stage.window).collect();
    let subject = Subject {
        train: rollout.train,
        build: rollout.version,
        artifact: &build.artifact,
        cadence: &rollout.cadence,
        start: rollout.start,
        windows,
        policy: &rollout.policy,
    };
    Ok(Promotion {
        digest: digest::of(&subject)?,
        started_by: rollout.state.started_by(),
        edited: rollout.edited.clone(),
        authorised,
    })
}
