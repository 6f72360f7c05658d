//! Lifting a halt: by a person, with a reason. The build may be started again; other rollouts of it stay halted until
//! somebody resumes each of them.

use super::mailing::Occasion;
use super::{insist, or_faster, reason, refused};
use crate::trail::{By, RolloutEvent};
use crate::{Error, RequestContext, Result, Services};
use domain::ids::RolloutId;
use domain::permission::Permission;
use domain::rollout::RolloutKind;
use domain::wire::problem::{FormOutcome, FormProblem};

impl Services {
    pub async fn resume_rollout(&self, ctx: &RequestContext, id: RolloutId, why: &str) -> Result<FormOutcome> {
        ctx.require(Permission::ResumeRollout)?;
        match reason(why) {
            Ok(reason) => or_faster(insist(|| self.resume(ctx, id, reason.clone())).await),
            Err(problem) => Ok(refused(problem)),
        }
    }

    async fn resume(&self, ctx: &RequestContext, id: RolloutId, reason: String) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let rollout = store::rollout::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let Ok(state) = rollout.state.clone().resume(ctx.now) else {
            return Ok(refused(FormProblem::RolloutNotHalted));
        };
        store::rollout::bump(&tx, id, rollout.generation).await?;
        // A way back was halted alone.
        if rollout.descent.kind == RolloutKind::Forward {
            store::build::unhalt(&tx, rollout.build).await?;
        }
        store::rollout::set_state(&tx, id, &state).await?;
        store::rollout::count_anew(&tx, id).await?;
        store::estate::touch_failed(&tx, id).await?;
        self.audit_rollout(&tx, By::Person(&ctx.actor), ctx.now, id, &RolloutEvent::Resumed { reason }).await?;
        self.open_mailing(&tx, &rollout, &Occasion::Resumed { scope: None }, ctx.now).await?;
        tx.commit().await?;
        self.tell_customers().await;
        Ok(FormOutcome::Done { message: format!("{} goes on.", rollout.train) })
    }
}
