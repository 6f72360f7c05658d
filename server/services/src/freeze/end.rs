//! Ending a freeze early, or taking back one that has not begun: with a reason. Nights that were moved stay where they
//! are; whatever is chosen from now on may lie in nights that are free again.

use crate::rollout::{insist, or_faster, reason, refused};
use crate::{Error, RequestContext, Result, Services};
use domain::freeze::{FreezeOwner, FreezeScope, LiftError};
use domain::ids::FreezeId;
use domain::people::{Person, Reasoned};
use domain::permission::{Permission, TenantScope};
use domain::wire::problem::{FormOutcome, FormProblem};

impl Services {
    pub async fn end_freeze(&self, ctx: &RequestContext, id: FreezeId, why: &str) -> Result<FormOutcome> {
        ctx.require(Permission::SetFreezes)?;
        match reason(why) {
            Ok(reason) => or_faster(insist(|| self.end_freeze_once(ctx, id, reason.clone())).await),
            Err(problem) => Ok(refused(problem)),
        }
    }

    async fn end_freeze_once(&self, ctx: &RequestContext, id: FreezeId, reason: String) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        self.announce_freeze(&tx, ctx, "A freeze was ended").await?;
        let before = store::freeze::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let by = Person { id: ctx.actor.user, name: ctx.actor.name.clone() };
        let lift = Reasoned { by, reason, at: ctx.now };
        let lifted = match before.freeze.clone().lift(FreezeOwner::Vendor, lift, ctx.now.date_naive()) {
            Ok(lifted) => lifted,
            Err(LiftError::NotYours) => return Ok(refused(FormProblem::NotYourFreeze)),
            Err(LiftError::WrongEdge(_)) => return Ok(refused(FormProblem::FreezeEnded)),
        };
        store::freeze::save_lifted(&tx, &before, &lifted).await?;
        let customer = match &lifted.scope {
            FreezeScope::Customer { customer } => Some(*customer),
            FreezeScope::Environment { environment } => {
                let found = store::environment::find(&tx, TenantScope::AllCustomers, *environment).await?;
                found.map(|environment| environment.customer)
            }
            FreezeScope::Global | FreezeScope::Cloud { .. } | FreezeScope::Region { .. } => None,
        };
        self.audit_freeze(&tx, ctx, &lifted, customer, "freeze.ended").await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message: "The freeze is ended. Its nights are free again.".to_owned() })
    }
}
