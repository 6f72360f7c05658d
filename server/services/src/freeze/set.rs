//! Setting a freeze: by the vendor's people, for any scope.

use super::form::{Asked, asked};
use crate::halt::not_over;
use crate::rollout::halt::overtake;
use crate::rollout::{insist, or_faster, reason, refused};
use crate::trail::{By, Deed};
use crate::{RequestContext, Result, Services};
use domain::freeze::{Freeze, FreezeError, FreezeRequest, Requester};
use domain::ids::{CustomerId, FreezeId};
use domain::people::Person;
use domain::permission::Permission;
use domain::rollout::RolloutState;
use domain::wire::freeze::FreezeForm;
use domain::wire::live::Topic;
use domain::wire::problem::{FormOutcome, FormProblem};
use serde_json::json;
use store::Tx;

impl Services {
    pub async fn set_freeze(&self, ctx: &RequestContext, form: &FreezeForm, why: &str) -> Result<FormOutcome> {
        ctx.require(Permission::SetFreezes)?;
        match reason(why) {
            Ok(reason) => or_faster(insist(|| self.set_freeze_once(ctx, form, reason.clone())).await),
            Err(problem) => Ok(refused(problem)),
        }
    }

    async fn set_freeze_once(&self, ctx: &RequestContext, form: &FreezeForm, reason: String) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let Asked { scope, span, customer } = match asked(&tx, form).await? {
            Ok(asked) => asked,
            Err(problem) => return Ok(refused(problem)),
        };
        let by = Person { id: ctx.actor.user, name: ctx.actor.name.clone() };
        let id = FreezeId::new(self.ids().uuid());
        let freeze = match (FreezeRequest { scope, span, reason }).set(id, by, &Requester::Staff, ctx.now) {
            Ok(freeze) => freeze,
            Err(error) => return Ok(refused(problem_of(error))),
        };
        self.announce_freeze(&tx, ctx, "A freeze was set").await?;
        store::freeze::insert(&tx, &freeze, customer).await?;
        self.audit_freeze(&tx, ctx, &freeze, customer, "freeze.set").await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done {
            message: "The freeze is set. Nights that fall into it move, and each is told.".to_owned(),
        })
    }

    /// Bumps every rollout that is not over: a plan made before knows nothing of the change.
    pub(super) async fn announce_freeze(&self, tx: &Tx, ctx: &RequestContext, what: &str) -> Result<()> {
        let rollouts = overtake(tx, store::rollout::ids(tx, &not_over()).await?, None).await?;
        for rollout in rollouts.iter().filter(|rollout| !matches!(rollout.state, RolloutState::Draft)) {
            self.announce(tx, ctx.now, Topic::Rollout(rollout.id), what).await?;
        }
        Ok(())
    }

    pub(super) async fn audit_freeze(
        &self,
        tx: &Tx,
        ctx: &RequestContext,
        freeze: &Freeze,
        customer: Option<CustomerId>,
        action: &'static str,
    ) -> Result<()> {
        let (object_kind, object_id) = ("freeze", freeze.id.to_string());
        let deed = Deed { action, object_kind, object_id, customer, details: json!({ "freeze": freeze }) };
        self.audit(tx, By::Person(&ctx.actor), ctx.now, deed).await
    }
}

/// Staff meets only [`FreezeError::Over`]: its reason was read before, and the limits are those of customers.
const fn problem_of(error: FreezeError) -> FormProblem {
    match error {
        FreezeError::Reason { .. } => FormProblem::ReasonMissing,
        FreezeError::NotYours | FreezeError::TooFarBehind { .. } => FormProblem::FreezeScopeMissing,
        FreezeError::TooLate { .. } => FormProblem::FirstNightMissing,
        FreezeError::Over => FormProblem::FreezeOver,
        FreezeError::TooLong { .. } | FreezeError::TooSoonAfterAnother { .. } => FormProblem::FreezeNeverEnds,
    }
}
