//! The ramp: how many of a station and audience take part. Before the start any percentage; once it is started only more.
//! An edit of what is approved, so every approval given before is void (rule A1), and every estate is looked at again.

use super::{insist, or_faster, refused};
use crate::trail::{By, RolloutEvent};
use crate::{Error, RequestContext, Result, Services};
use domain::fleet::StageKey;
use domain::ids::RolloutId;
use domain::people::Person;
use domain::permission::Permission;
use domain::rollout::{Edited, RampError, RampScope, RolloutState};
use domain::wire::problem::{FormOutcome, FormProblem};

impl Services {
    /// `stage` as [`RampScope::key`] writes it, `percent` as it was typed.
    pub async fn set_percent(
        &self,
        ctx: &RequestContext,
        id: RolloutId,
        stage: &str,
        percent: &str,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::StartRollout)?;
        let Some(scope) = RampScope::from_key(stage) else { return Ok(refused(FormProblem::StageMissing)) };
        let Ok(percent) = percent.trim().trim_end_matches('%').trim_end().parse::<u8>() else {
            return Ok(refused(FormProblem::PercentMalformed));
        };
        // So that there is a plan to compare the next one with, and the next one is there when somebody looks.
        self.keep_plan(id).await;
        let outcome = or_faster(insist(|| self.ramp(ctx, id, scope, percent)).await);
        self.keep_plan(id).await;
        outcome
    }

    /// What of it is not worked out now, somebody who looks or the background goes on with.
    async fn keep_plan(&self, id: RolloutId) {
        if let Err(error) = self.work_on_plan(id).await {
            tracing::warn!(rollout = %id, %error, "the plan is left for later");
        }
    }

    async fn ramp(&self, ctx: &RequestContext, id: RolloutId, scope: RampScope, percent: u8) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let rollout = store::rollout::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let started = match rollout.state {
            RolloutState::Draft => false,
            RolloutState::Running { .. } | RolloutState::Halted { .. } => true,
            RolloutState::Completed { .. } => return Ok(refused(FormProblem::RolloutNotRunning)),
        };
        let stages = store::rollout::stages(&tx, id).await?;
        let stages: Vec<StageKey> = stages.iter().map(|stage| stage.key).collect();
        let policy = match rollout.policy.with_percent(scope, percent, &stages, started) {
            Ok(policy) => policy,
            Err(error) => return Ok(refused(problem(error, scope, &stages))),
        };
        store::rollout::bump(&tx, id, rollout.generation).await?;
        let by = Person { id: ctx.actor.user, name: ctx.actor.name.clone() };
        store::rollout::set_policy(&tx, id, &policy, &Edited { by, at: ctx.now }).await?;
        store::estate::touch_rollout(&tx, id).await?;
        let event = RolloutEvent::PercentSet { scope, percent };
        self.audit_rollout(&tx, By::Person(&ctx.actor), ctx.now, id, &event).await?;
        tx.commit().await?;
        self.events().poke();
        let void = if started { " Approvals given before are void." } else { "" };
        Ok(FormOutcome::Done { message: format!("{percent} % of {} take part.{void}", scope.whom()) })
    }
}

fn problem(error: RampError, scope: RampScope, stages: &[StageKey]) -> FormProblem {
    match error {
        RampError::OutOfRange if matches!(scope, RampScope::Stage(stage) if !stages.contains(&stage)) => {
            FormProblem::StageMissing
        }
        RampError::OutOfRange => FormProblem::PercentMalformed,
        RampError::Lowered => FormProblem::PercentLowered,
        RampError::Unchanged => FormProblem::PercentUnchanged,
    }
}
