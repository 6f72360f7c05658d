//! Choosing a way out of a halt. One at a time for a rollout: what is proposed next looks at what the last one left.

use super::{is_open, problem};
use crate::rollout::{insist, or_faster, refused};
use crate::trail::{By, RecoveryDeed};
use crate::{Error, RequestContext, Result, Services};
use domain::ids::{RecoveryId, RolloutId};
use domain::people::{ReasonError, Reasoned};
use domain::permission::Permission;
use domain::recovery::{RecoveryPath, propose};
use domain::severity::Severity;
use domain::wire::problem::{FormOutcome, FormProblem};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecoveryForm {
    pub path: String,
    pub reason: String,
}

impl Services {
    pub async fn propose_recovery(
        &self,
        ctx: &RequestContext,
        rollout: RolloutId,
        form: &RecoveryForm,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::ProposeRecovery)?;
        or_faster(insist(|| self.choose_recovery(ctx, rollout, form)).await)
    }

    async fn choose_recovery(&self, ctx: &RequestContext, id: RolloutId, form: &RecoveryForm) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let rollout = store::rollout::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let Some(path) = RecoveryPath::from_key(&form.path) else {
            return Ok(refused(FormProblem::RecoveryClosed));
        };
        let by = match Reasoned::new(ctx.person(), &form.reason, ctx.now) {
            Ok(by) => by,
            Err(ReasonError::Missing) => return Ok(refused(FormProblem::ReasonMissing)),
            Err(ReasonError::TooLong) => return Ok(refused(FormProblem::ReasonTooLong)),
        };
        if store::recovery::of_rollout(&tx, id).await?.iter().any(|known| is_open(&known.plan)) {
            return Ok(refused(FormProblem::RecoveryElsewhere));
        }
        // How bad it is decides the order in which ways are shown, not which are open.
        let facts = self.recovery_facts(&tx, &rollout, Severity::High, ctx.now).await?;
        let new = RecoveryId::new(self.ids().uuid());
        let reason = by.reason.clone();
        let plan = match propose(&facts, path, new, by) {
            Ok(plan) => plan,
            Err(error) => return Ok(refused(problem(&error))),
        };
        store::recovery::insert(&tx, id, &plan, ctx.now).await?;
        let did = RecoveryDeed::Proposed { path, reason };
        self.tell_recovery(&tx, By::Person(&ctx.actor), (id, new), did, ctx.now).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message: format!("{} is proposed. A second person approves it.", path.word()) })
    }
}
