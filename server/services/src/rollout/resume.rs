//! Lifting a halt: by a person, with a reason. The build may be started again; other rollouts of it stay halted until
//! somebody resumes each of them.

use super::{Insistence, or_faster, reason, refused};
use crate::trail::{By, RolloutEvent};
use crate::{Error, RequestContext, Result, Services};
use domain::ids::RolloutId;
use domain::notification::NotificationEvent;
use domain::permission::Permission;
use domain::wire::problem::{FormOutcome, FormProblem};

impl Services {
    pub async fn resume_rollout(&self, ctx: &RequestContext, id: RolloutId, why: &str) -> Result<FormOutcome> {
        ctx.require(Permission::ResumeRollout)?;
        let reason = match reason(why) {
            Ok(reason) => reason,
            Err(problem) => return Ok(refused(problem)),
        };
        let mut insistence = Insistence::default();
        loop {
            let outcome = self.resume(ctx, id, reason.clone()).await;
            let Some(pause) = insistence.pause(&outcome) else { return or_faster(outcome) };
            tokio::time::sleep(pause).await;
        }
    }

    async fn resume(&self, ctx: &RequestContext, id: RolloutId, reason: String) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let rollout = store::rollout::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let Ok(state) = rollout.state.clone().resume(ctx.now) else {
            return Ok(refused(FormProblem::RolloutNotHalted));
        };
        store::rollout::bump(&tx, id, rollout.generation).await?;
        store::build::unhalt(&tx, rollout.build).await?;
        store::rollout::set_state(&tx, id, &state).await?;
        self.audit_rollout(&tx, By::Person(&ctx.actor), ctx.now, id, &RolloutEvent::Resumed { reason }).await?;
        for (customer, (waiting, _)) in self.affected(&tx, id).await? {
            if waiting > 0 {
                self.tell(&tx, &rollout, customer, NotificationEvent::Resumed { waiting }, ctx.now).await?;
            }
        }
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message: format!("{} goes on.", rollout.train) })
    }
}
