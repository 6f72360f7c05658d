//! Starting a rollout lets the train into its first station.

use super::{or_faster, refused};
use crate::trail::{By, RolloutEvent};
use crate::{Error, RequestContext, Result, Services};
use domain::ids::RolloutId;
use domain::permission::Permission;
use domain::wire::problem::{FormOutcome, FormProblem};

impl Services {
    pub async fn start_rollout(&self, ctx: &RequestContext, id: RolloutId) -> Result<FormOutcome> {
        ctx.require(Permission::StartRollout)?;
        or_faster(self.start(ctx, id).await)
    }

    async fn start(&self, ctx: &RequestContext, id: RolloutId) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let rollout = store::rollout::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let build = store::build::find(&tx, rollout.build).await?.ok_or(Error::NotFound)?;
        if build.halted.is_some() {
            return Ok(refused(FormProblem::BuildHalted));
        }
        if build.unapproved(&store::rollout::approvers(&tx).await?).is_some() {
            return Ok(refused(FormProblem::BuildNotApproved));
        }
        let Ok(state) = rollout.state.start(ctx.actor.user, ctx.now) else {
            return Ok(refused(FormProblem::RolloutNotStartable));
        };
        if store::halt::kill_switch(&tx).await?.is_some() {
            return Ok(refused(FormProblem::EverythingHalted));
        }
        store::rollout::bump(&tx, id, rollout.generation).await?;
        store::rollout::set_state(&tx, id, &state).await?;
        store::estate::open(&tx, id, rollout.train.service_update).await?;
        self.audit_rollout(&tx, By::Person(&ctx.actor), ctx.now, id, &RolloutEvent::Started).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message: format!("The rollout of {} is started.", rollout.train) })
    }
}
