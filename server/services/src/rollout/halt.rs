//! A halt stops a build, and with it every rollout of it (rule H1): after the commit nothing new starts, running
//! updates finish and are watched. The same routine serves a person and the gate of a stage.

use super::mailing::Occasion;
use super::{insist, or_faster, reason, refused};
use crate::trail::{By, RolloutEvent};
use crate::{Error, RequestContext, Result, Services, planted};
use chrono::{DateTime, Utc};
use domain::ids::RolloutId;
use domain::permission::Permission;
use domain::rollout::HaltCause;
use domain::wire::problem::{FormOutcome, FormProblem};
use store::Connection;
use store::rollout::{Rollout, RolloutFilter};

impl Services {
    pub async fn halt_rollout(&self, ctx: &RequestContext, id: RolloutId, why: &str) -> Result<FormOutcome> {
        ctx.require(Permission::HaltRollout)?;
        match reason(why) {
            Ok(reason) => or_faster(insist(|| self.halt(ctx, id, reason.clone())).await),
            Err(problem) => Ok(refused(problem)),
        }
    }

    async fn halt(&self, ctx: &RequestContext, id: RolloutId, reason: String) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let rollout = store::rollout::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let cause = HaltCause::Person { by: ctx.actor.user, name: ctx.actor.name.clone(), reason };
        if rollout.state.clone().halt(cause.clone(), ctx.now).is_err() {
            return Ok(refused(FormProblem::RolloutNotRunning));
        }
        self.halt_build(&tx, By::Person(&ctx.actor), (id, rollout.generation), &cause, ctx.now).await?;
        tx.commit().await?;
        self.tell_customers(id).await;
        Ok(FormOutcome::Done { message: format!("{} is halted. Nothing new starts.", rollout.train) })
    }

    /// Halts the build of a rollout and every running rollout of it. All of them are bumped, so that no plan made before
    /// the halt is applied after it, and first of all, in the order of their ids: two halts of one build never wait for
    /// each other. A rollout that cannot be read is left: it can neither be planned nor begin an update, and the build
    /// is halted.
    pub(crate) async fn halt_build(
        &self,
        tx: &impl Connection,
        by: By<'_>,
        (id, generation): (RolloutId, i64),
        cause: &HaltCause,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let build = store::rollout::find(tx, id).await?.ok_or(Error::NotFound)?.build;
        let filter = RolloutFilter { states: vec!["running"], build: Some(build), ..RolloutFilter::default() };
        let mut together = Vec::new();
        for running in store::rollout::ids(tx, &filter).await? {
            match store::rollout::find(tx, running).await {
                Ok(Some(rollout)) => {
                    let believed = if running == id { generation } else { rollout.generation };
                    store::rollout::bump(tx, running, believed).await?;
                    together.push(rollout);
                }
                Ok(None) => {}
                Err(error @ store::Error::Inconsistent { .. }) if running != id => {
                    tracing::error!(rollout = %running, %error, "a rollout of a halted build cannot be read");
                }
                Err(error) => return Err(error.into()),
            }
        }
        let why = cause.sentence();
        if !planted::is("build-not-halted") {
            store::build::halt(tx, build, &why, now).await?;
        }
        for rollout in &together {
            let own = rollout.id == id;
            let cause = if own { cause.clone() } else { HaltCause::Build { reason: why.clone() } };
            self.halt_one(tx, by, rollout, cause, now).await?;
        }
        Ok(())
    }

    async fn halt_one(
        &self,
        tx: &impl Connection,
        by: By<'_>,
        rollout: &Rollout,
        cause: HaltCause,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let reason = cause.sentence();
        let Ok(state) = rollout.state.clone().halt(cause.clone(), now) else { return Ok(()) };
        store::rollout::set_state(tx, rollout.id, &state).await?;
        self.audit_rollout(tx, by, now, rollout.id, &RolloutEvent::Halted { cause }).await?;
        self.open_mailing(tx, rollout, &Occasion::Halted { reason }, now).await
    }
}
