//! Lifting a halt: by a person, with a reason. The build may be started again; other rollouts of it stay halted until
//! somebody resumes each of them.

use super::mailing::Occasion;
use super::{insist, or_faster, reason, refused};
use crate::trail::{By, RolloutEvent};
use crate::{Error, RequestContext, Result, Services};
use domain::ids::RolloutId;
use domain::permission::Permission;
use domain::rollout::{HaltCause, RolloutKind, RolloutState};
use domain::wire::problem::{FormOutcome, FormProblem};
use store::Tx;
use store::rollout::Rollout;

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
        if is_given_up(&tx, &rollout).await? {
            return Ok(refused(FormProblem::RecoveryOver));
        }
        // It serves the halt that stands: what it takes back would be delivered anew meanwhile.
        if store::recovery::is_taken_back(&tx, rollout.build).await? {
            return Ok(refused(FormProblem::WayBackRunning));
        }
        store::rollout::bump(&tx, id, rollout.generation).await?;
        // A way back was halted alone, unless its build was.
        if rollout.descent.kind == RolloutKind::Forward || is_halted_with_its_build(&rollout.state) {
            store::build::unhalt(&tx, rollout.build).await?;
            self.lift_delivered(&tx, By::Person(&ctx.actor), rollout.build, &reason, ctx.now).await?;
        }
        store::rollout::set_state(&tx, id, &state).await?;
        store::rollout::count_anew(&tx, id).await?;
        store::estate::touch_failed(&tx, id).await?;
        store::estate::touch_shared(&tx, id).await?;
        self.audit_rollout(&tx, By::Person(&ctx.actor), ctx.now, id, &RolloutEvent::Resumed { reason }).await?;
        self.open_mailing(&tx, &rollout, &Occasion::Resumed { scope: None }, ctx.now).await?;
        tx.commit().await?;
        self.tell_customers().await;
        Ok(FormOutcome::Done { message: format!("{} goes on.", rollout.train) })
    }
}

/// The recovery that a way back carries out was abandoned: nobody is named any more (invariant I7).
async fn is_given_up(tx: &Tx, rollout: &Rollout) -> Result<bool> {
    match rollout.descent.recovery {
        Some(recovery) if rollout.descent.kind != RolloutKind::Forward => {
            Ok(!store::recovery::is_running(tx, recovery).await?)
        }
        _ => Ok(false),
    }
}

const fn is_halted_with_its_build(state: &RolloutState) -> bool {
    matches!(state, RolloutState::Halted { cause: HaltCause::Build { .. }, .. })
}
