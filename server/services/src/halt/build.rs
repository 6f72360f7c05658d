//! A build by itself, whether or not a rollout of it runs. Halting a rollout halts its build too (`rollout::halt`).

use super::concerned;
use crate::rollout::{insist, or_faster, reason, refused};
use crate::trail::{By, Deed};
use crate::{Error, RequestContext, Result, Services};
use domain::ids::BuildId;
use domain::permission::Permission;
use domain::rollout::HaltCause;
use domain::rollout::halt::HaltScope;
use domain::wire::live::Topic;
use domain::wire::problem::{FormOutcome, FormProblem};
use serde_json::json;
use store::Connection;

impl Services {
    /// Rule H1: every rollout of it stops.
    pub async fn halt_build(&self, ctx: &RequestContext, build: BuildId, why: &str) -> Result<FormOutcome> {
        ctx.require(Permission::HaltRollout)?;
        match reason(why) {
            Ok(reason) => or_faster(insist(|| self.halt_build_once(ctx, build, reason.clone())).await),
            Err(problem) => Ok(refused(problem)),
        }
    }

    async fn halt_build_once(&self, ctx: &RequestContext, id: BuildId, reason: String) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let build = store::build::find(&tx, id).await?.ok_or(Error::NotFound)?;
        if build.halted.is_some() {
            return Ok(refused(FormProblem::HaltedAlready));
        }
        let cause = HaltCause::Person { by: ctx.actor.user, name: ctx.actor.name.clone(), reason };
        self.stop_build(&tx, By::Person(&ctx.actor), id, None, &cause, ctx.now).await?;
        self.audit_build(&tx, ctx, id, "build.halted", json!({ "cause": cause })).await?;
        tx.commit().await?;
        self.tell_customers().await;
        Ok(FormOutcome::Done {
            message: format!("{} is halted. Nothing new starts in any rollout of it.", build.version),
        })
    }

    /// The build may be rolled out again. Rollouts of it that stand do so until each is resumed.
    pub async fn lift_build(&self, ctx: &RequestContext, build: BuildId, why: &str) -> Result<FormOutcome> {
        ctx.require(Permission::ResumeRollout)?;
        match reason(why) {
            Ok(reason) => or_faster(insist(|| self.lift_build_once(ctx, build, reason.clone())).await),
            Err(problem) => Ok(refused(problem)),
        }
    }

    async fn lift_build_once(&self, ctx: &RequestContext, id: BuildId, reason: String) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let build = store::build::find(&tx, id).await?.ok_or(Error::NotFound)?;
        if build.halted.is_some() && store::recovery::is_taken_back(&tx, id).await? {
            return Ok(refused(FormProblem::WayBackRunning));
        }
        concerned(&tx, HaltScope::Build { build: id }).await?;
        if !store::build::unhalt(&tx, id).await? {
            return Ok(refused(FormProblem::HaltLifted));
        }
        self.audit_build(&tx, ctx, id, "build.halt_lifted", json!({ "reason": reason })).await?;
        self.lift_delivered(&tx, By::Person(&ctx.actor), id, &reason, ctx.now).await?;
        tx.commit().await?;
        self.tell_customers().await;
        let message = format!("The halt of {} is lifted. Rollouts of it stand until each is resumed.", build.version);
        Ok(FormOutcome::Done { message })
    }

    async fn audit_build(
        &self,
        tx: &impl Connection,
        ctx: &RequestContext,
        id: BuildId,
        action: &'static str,
        details: serde_json::Value,
    ) -> Result<()> {
        let deed = Deed { action, object_kind: "build", object_id: id.to_string(), customer: None, details };
        self.audit(tx, By::Person(&ctx.actor), ctx.now, deed).await?;
        self.announce(tx, ctx.now, Topic::Halts, "What is halted has changed").await
    }
}
