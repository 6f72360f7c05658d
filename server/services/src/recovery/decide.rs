//! A proposed recovery is approved by a second person, started, or abandoned.

use super::{authorised, problem};
use crate::rollout::{insist, or_faster, refused};
use crate::trail::{By, RecoveryDeed};
use crate::{Error, RequestContext, Result, Services, planted};
use domain::approval::Approved;
use domain::ids::RecoveryId;
use domain::people::{ReasonError, Reasoned};
use domain::permission::Permission;
use domain::rollout::{HaltCause, RolloutState};
use domain::severity::Severity;
use domain::wire::problem::{FormOutcome, FormProblem};
use store::Tx;
use store::recovery::Known;

/// Everything that these forms send; each uses its own part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecoveryActForm {
    /// Of what the approver read.
    pub digest: String,
    pub reason: String,
}

impl Services {
    pub async fn approve_recovery(
        &self,
        ctx: &RequestContext,
        id: RecoveryId,
        form: &RecoveryActForm,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::ApproveRecovery)?;
        or_faster(insist(|| self.give_approval(ctx, id, form)).await)
    }

    pub async fn start_recovery(&self, ctx: &RequestContext, id: RecoveryId) -> Result<FormOutcome> {
        ctx.require(Permission::ProposeRecovery)?;
        or_faster(insist(|| self.start_approved(ctx, id)).await)
    }

    pub async fn abandon_recovery(
        &self,
        ctx: &RequestContext,
        id: RecoveryId,
        form: &RecoveryActForm,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::ProposeRecovery)?;
        or_faster(insist(|| self.leave_recovery(ctx, id, form)).await)
    }

    async fn give_approval(&self, ctx: &RequestContext, id: RecoveryId, form: &RecoveryActForm) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let known = store::recovery::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let stands = store::digest::of(&known.plan.proposal)?;
        let Ok(read) = form.digest.parse() else { return Ok(refused(FormProblem::ChangedMeanwhile)) };
        let approval = Approved { digest: read, by: ctx.person(), at: ctx.now };
        let approved = planted::approved_by_anybody(&known.plan, &approval);
        let plan = match known.plan.clone().approve(approval, &stands, &authorised(&tx).await?) {
            Ok(plan) => plan,
            Err(error) => match approved {
                Some(plan) => plan,
                None => return Ok(refused(problem(&error))),
            },
        };
        store::recovery::save(&tx, &known, &plan).await?;
        let path = plan.proposal.path;
        let did = RecoveryDeed::Approved { path };
        self.tell_recovery(&tx, By::Person(&ctx.actor), (known.rollout, id), did, ctx.now).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message: format!("{} is approved. It can be started.", path.word()) })
    }

    /// Judged again by the facts of now; what it does is done in the same transaction.
    async fn start_approved(&self, ctx: &RequestContext, id: RecoveryId) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let known = store::recovery::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let rollout = store::rollout::find(&tx, known.rollout).await?.ok_or(Error::NotFound)?;
        let facts = self.recovery_facts(&tx, &rollout, Severity::High, ctx.now).await?;
        let stands = store::digest::of(&known.plan.proposal)?;
        let plan = match known.plan.clone().start(&facts, &stands, &authorised(&tx).await?, ctx.now) {
            Ok(plan) => plan,
            Err(error) => return Ok(refused(problem(&error))),
        };
        let path = plan.proposal.path;
        let did = RecoveryDeed::Started { path };
        self.tell_recovery(&tx, By::Person(&ctx.actor), (known.rollout, id), did, ctx.now).await?;
        let (plan, message) = self.carry_out(&tx, ctx, &rollout, plan).await?;
        if planted::is("recovery-lifts-the-halt")
            && let Ok(state) = rollout.state.clone().resume(ctx.now)
        {
            store::rollout::set_state(&tx, rollout.id, &state).await?;
        }
        store::recovery::save(&tx, &known, &plan).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message })
    }

    /// What was done until now stays done; rollouts that carry it out are halted, so that nothing of it starts any more.
    async fn leave_recovery(
        &self,
        ctx: &RequestContext,
        id: RecoveryId,
        form: &RecoveryActForm,
    ) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let known = store::recovery::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let why = match Reasoned::new(ctx.person(), &form.reason, ctx.now) {
            Ok(why) => why,
            Err(ReasonError::Missing) => return Ok(refused(FormProblem::ReasonMissing)),
            Err(ReasonError::TooLong) => return Ok(refused(FormProblem::ReasonTooLong)),
        };
        let reason = why.reason.clone();
        let plan = match known.plan.clone().abandon(why) {
            Ok(plan) => plan,
            Err(error) => return Ok(refused(problem(&error))),
        };
        if !planted::is("abandoned-way-back-goes-on") {
            self.stop_rollouts(&tx, ctx, &known, &reason).await?;
        }
        store::recovery::save(&tx, &known, &plan).await?;
        let path = plan.proposal.path;
        let did = RecoveryDeed::Abandoned { path, reason };
        self.tell_recovery(&tx, By::Person(&ctx.actor), (known.rollout, id), did, ctx.now).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message: format!("{} is abandoned. The halt stays.", path.word()) })
    }

    async fn stop_rollouts(&self, tx: &Tx, ctx: &RequestContext, known: &Known, reason: &str) -> Result<()> {
        for rollout in store::rollout::of_recovery(tx, known.plan.id).await? {
            if let RolloutState::Running { .. } = rollout.state {
                let (by, name) = (ctx.actor.user, ctx.actor.name.clone());
                let cause = HaltCause::Person { by, name, reason: reason.to_owned() };
                store::rollout::bump(tx, rollout.id, rollout.generation).await?;
                self.halt_one(tx, By::Person(&ctx.actor), &rollout, cause, ctx.now).await?;
            }
        }
        Ok(())
    }
}
