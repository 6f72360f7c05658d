//! Promotion approval: a named person, not the one who started the rollout, lets the train into a station.

use super::{or_faster, refused};
use crate::trail::{By, RolloutEvent};
use crate::{Error, RequestContext, Result, Services, planted};
use domain::fleet::StationNumber;
use domain::ids::RolloutId;
use domain::permission::Permission;
use domain::rollout::planner::needs_approval;
use domain::rollout::{Approval, RolloutState};
use domain::wire::problem::{FormOutcome, FormProblem};

impl Services {
    pub async fn approve_promotion(&self, ctx: &RequestContext, id: RolloutId, station: u8) -> Result<FormOutcome> {
        ctx.require(Permission::ApprovePromotion)?;
        or_faster(self.approve(ctx, id, StationNumber(station)).await)
    }

    async fn approve(&self, ctx: &RequestContext, id: RolloutId, station: StationNumber) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let rollout = store::rollout::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let RolloutState::Running { started_by, .. } = rollout.state else {
            return Ok(refused(FormProblem::RolloutNotRunning));
        };
        if started_by == ctx.actor.user && !planted::is("starter-may-approve") {
            return Ok(refused(FormProblem::ApproverIsStarter));
        }
        let stages = store::rollout::stages(&tx, id).await?;
        if !needs_approval(station) || !stages.iter().any(|stage| stage.key.station == station) {
            return Ok(refused(FormProblem::StationNeedsNoApproval));
        }
        let given = store::rollout::approvals(&tx, id).await?;
        if given.iter().any(|(approved, _)| *approved == station) {
            return Ok(refused(FormProblem::AlreadyApproved));
        }
        store::rollout::bump(&tx, id, rollout.generation).await?;
        let approval = Approval { by: ctx.actor.user, name: ctx.actor.name.clone(), at: ctx.now };
        store::rollout::add_approval(&tx, id, station, &approval).await?;
        self.audit_rollout(&tx, By::Person(&ctx.actor), ctx.now, id, &RolloutEvent::Approved { station }).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message: format!("Station {station} is approved.") })
    }
}
