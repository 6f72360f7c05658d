//! Promotion approval: a named person, neither the one who started the rollout nor who edited it last, lets the train into
//! a station. Bound to the digest of what stands there (rule A1): an edit voids it, and it can be given again.

use super::{or_faster, refused};
use crate::trail::{By, RolloutEvent};
use crate::{Error, RequestContext, Result, Services, planted};
use domain::approval::{ApprovalError, Digest};
use domain::fleet::StationNumber;
use domain::ids::{RolloutId, UserId};
use domain::permission::Permission;
use domain::rollout::planner::needs_approval;
use domain::rollout::{Approval, GivenApproval, Promotion, RolloutState};
use domain::wire::problem::{FormOutcome, FormProblem};

impl Services {
    /// Of whatever stands there now.
    pub async fn approve_promotion(&self, ctx: &RequestContext, id: RolloutId, station: u8) -> Result<FormOutcome> {
        self.approve_promotion_as_read(ctx, id, station, None).await
    }

    /// Refused where what stands there is no longer what was read.
    pub async fn approve_promotion_as_read(
        &self,
        ctx: &RequestContext,
        id: RolloutId,
        station: u8,
        read: Option<&Digest>,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::ApprovePromotion)?;
        or_faster(self.approve(ctx, id, StationNumber(station), read).await)
    }

    async fn approve(
        &self,
        ctx: &RequestContext,
        id: RolloutId,
        station: StationNumber,
        read: Option<&Digest>,
    ) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let rollout = store::rollout::find(&tx, id).await?.ok_or(Error::NotFound)?;
        if !matches!(rollout.state, RolloutState::Running { .. }) {
            return Ok(refused(FormProblem::RolloutNotRunning));
        }
        let build = store::build::find(&tx, rollout.build).await?.ok_or(Error::NotFound)?;
        let stages = store::rollout::stages(&tx, id).await?;
        let approvers = store::rollout::approvers(&tx).await?;
        let promotion = store::rollout::promotion(&rollout, &build, &stages, approvers)?;
        let problem = refusal(&promotion, ctx.actor.user).filter(|_| !planted::is("starter-may-approve"));
        if let Some(problem) = problem {
            return Ok(refused(problem));
        }
        if !needs_approval(station) || !stages.iter().any(|stage| stage.key.station == station) {
            return Ok(refused(FormProblem::StationNeedsNoApproval));
        }
        if read.is_some_and(|read| *read != promotion.digest) {
            return Ok(refused(FormProblem::SomeoneWasFaster));
        }
        let before = store::rollout::approvals(&tx, id).await?.into_iter().find(|given| given.station == station);
        if before.as_ref().is_some_and(|given| promotion.objection(given).is_none()) {
            return Ok(refused(FormProblem::AlreadyApproved));
        }
        store::rollout::bump(&tx, id, rollout.generation).await?;
        if before.is_some() {
            store::rollout::drop_approval(&tx, id, station).await?;
            // What waited for it since the edit is looked at again.
            store::estate::touch_begun(&tx, id, ctx.now).await?;
        }
        let approval = Approval { by: ctx.actor.user, name: ctx.actor.name.clone(), at: ctx.now };
        let given = GivenApproval { station, approval, digest: Some(promotion.digest) };
        store::rollout::add_approval(&tx, id, &given).await?;
        self.audit_rollout(&tx, By::Person(&ctx.actor), ctx.now, id, &RolloutEvent::Approved { station }).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message: format!("Station {station} is approved.") })
    }
}

/// Why this person may not approve a promotion of it.
pub(crate) fn refusal(promotion: &Promotion, person: UserId) -> Option<FormProblem> {
    Some(match promotion.objection_to(person)? {
        ApprovalError::IsAuthor if promotion.started_by == Some(person) => FormProblem::ApproverIsStarter,
        ApprovalError::IsAuthor => FormProblem::ApproverIsEditor,
        ApprovalError::NotAuthorised | ApprovalError::SamePerson | ApprovalError::ChangedMeanwhile => {
            FormProblem::NotAllowed
        }
    })
}
