//! A halt stops a build, and with it every rollout of it (rule H1): after the commit nothing new starts, running
//! updates finish and are watched. The same routine serves a person and the gate of a stage.

use super::mailing::Occasion;
use super::{insist, or_faster, reason, refused};
use crate::trail::{By, RolloutEvent};
use crate::{Error, RequestContext, Result, Services, planted};
use chrono::{DateTime, Utc};
use domain::ids::{BuildId, RolloutId};
use domain::permission::Permission;
use domain::rollout::halt::HaltScope;
use domain::rollout::{HaltCause, RolloutKind, RolloutState};
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
        let own = Some((id, rollout.generation));
        self.stop_build(&tx, By::Person(&ctx.actor), rollout.build, own, &cause, ctx.now).await?;
        tx.commit().await?;
        self.tell_customers().await;
        Ok(FormOutcome::Done { message: format!("{} is halted. Nothing new starts.", rollout.train) })
    }

    /// Halts a build and every running rollout of it; `own` is the rollout where the cause lies and its generation as it
    /// was believed to be.
    pub(crate) async fn stop_build(
        &self,
        tx: &impl Connection,
        by: By<'_>,
        build: BuildId,
        own: Option<(RolloutId, i64)>,
        cause: &HaltCause,
        now: DateTime<Utc>,
    ) -> Result<()> {
        if let Some((id, generation)) = own {
            let rollout = store::rollout::find(tx, id).await?.ok_or(Error::NotFound)?;
            // That going back fails says nothing against the build that ran there before.
            if rollout.descent.kind != RolloutKind::Forward {
                store::rollout::bump(tx, id, generation).await?;
                return self.halt_one(tx, by, &rollout, cause.clone(), now).await;
            }
        }
        let states = vec!["running", "completed"];
        let filter = RolloutFilter { states, build: Some(build), ..RolloutFilter::default() };
        let together = overtake(tx, store::rollout::ids(tx, &filter).await?, own).await?;
        let why = cause.sentence();
        let is_new = store::build::find(tx, build).await?.is_some_and(|build| build.halted.is_none());
        if !planted::is("build-not-halted") {
            store::build::halt(tx, build, &why, now).await?;
        }
        let (over, running): (Vec<Rollout>, Vec<Rollout>) =
            together.into_iter().partition(|rollout| matches!(rollout.state, RolloutState::Completed { .. }));
        let delivered = |rollout: &&Rollout| is_new && rollout.descent.kind == RolloutKind::Forward;
        for rollout in over.iter().filter(delivered) {
            let event = RolloutEvent::HaltPlaced { scope: HaltScope::Build { build }, cause: cause.clone() };
            self.audit_rollout(tx, by, now, rollout.id, &event).await?;
            let scope = Some(HaltScope::Build { build });
            self.open_mailing(tx, rollout, &Occasion::Halted { reason: why.clone(), scope }, now).await?;
        }
        for rollout in &running {
            let own = own.is_some_and(|(id, _)| rollout.id == id);
            let cause = if own { cause.clone() } else { HaltCause::Build { reason: why.clone() } };
            self.halt_one(tx, by, rollout, cause, now).await?;
        }
        Ok(())
    }

    /// The halt of a build is lifted: whoever was told of it by a rollout that is over is told so, too.
    pub(crate) async fn lift_delivered(
        &self,
        tx: &impl Connection,
        by: By<'_>,
        build: BuildId,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let filter = RolloutFilter { states: vec!["completed"], build: Some(build), ..RolloutFilter::default() };
        let scope = HaltScope::Build { build };
        let over = overtake(tx, store::rollout::ids(tx, &filter).await?, None).await?;
        for rollout in over.iter().filter(|rollout| rollout.descent.kind == RolloutKind::Forward) {
            let event = RolloutEvent::HaltLifted { scope, reason: reason.to_owned() };
            self.audit_rollout(tx, by, now, rollout.id, &event).await?;
            self.open_mailing(tx, rollout, &Occasion::Resumed { scope: Some(scope) }, now).await?;
        }
        Ok(())
    }

    pub(crate) async fn halt_one(
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
        self.open_mailing(tx, rollout, &Occasion::Halted { reason, scope: None }, now).await
    }
}

/// Bumps rollouts, so that no plan made before is applied after, and first of all, in the order of their ids: two changes
/// of several rollouts never wait for each other. A rollout that cannot be read is left: it can neither be planned nor
/// begin an update. `own` must be read, and at this generation.
pub(crate) async fn overtake(
    tx: &impl Connection,
    ids: Vec<RolloutId>,
    own: Option<(RolloutId, i64)>,
) -> Result<Vec<Rollout>> {
    let mut together = Vec::new();
    for id in ids {
        let own = own.filter(|(own, _)| *own == id);
        match store::rollout::find(tx, id).await {
            Ok(Some(rollout)) => {
                let believed = own.map_or(rollout.generation, |(_, generation)| generation);
                store::rollout::bump(tx, id, believed).await?;
                together.push(rollout);
            }
            Ok(None) => {}
            Err(error @ store::Error::Inconsistent { .. }) if own.is_none() => {
                tracing::error!(rollout = %id, %error, "a rollout that stops with others cannot be read");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(together)
}
