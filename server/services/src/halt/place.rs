//! Placing a halt on a station, on one customer, on everything. What runs finishes and is watched; nothing else starts
//! after the commit.

use super::concerned;
use crate::rollout::mailing::Occasion;
use crate::rollout::{insist, or_faster, reason, refused};
use crate::trail::{By, Deed, RolloutEvent};
use crate::{Error, RequestContext, Result, Services};
use domain::fleet::StationNumber;
use domain::ids::{CustomerId, HaltId, RolloutId};
use domain::permission::{Permission, TenantScope};
use domain::rollout::halt::{Halt, HaltScope};
use domain::rollout::{HaltCause, RolloutState};
use domain::wire::live::Topic;
use domain::wire::problem::{FormOutcome, FormProblem};
use serde_json::json;
use store::rollout::Rollout;
use store::{Connection, Tx};

impl Services {
    /// Both audiences of one station of one rollout.
    pub async fn halt_station(
        &self,
        ctx: &RequestContext,
        rollout: RolloutId,
        station: u8,
        why: &str,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::HaltRollout)?;
        self.place(ctx, HaltScope::Station { rollout, station: StationNumber(station) }, why).await
    }

    /// Rule H2: the environments of one customer, in one rollout or in all; nobody else waits.
    pub async fn halt_customer(
        &self,
        ctx: &RequestContext,
        customer: CustomerId,
        rollout: Option<RolloutId>,
        why: &str,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::HaltRollout)?;
        self.place(ctx, HaltScope::Customer { customer, rollout }, why).await
    }

    /// The kill switch: no gate is asked.
    pub async fn halt_everything(&self, ctx: &RequestContext, why: &str) -> Result<FormOutcome> {
        ctx.require(Permission::HaltEverything)?;
        self.place(ctx, HaltScope::Everything, why).await
    }

    async fn place(&self, ctx: &RequestContext, scope: HaltScope, why: &str) -> Result<FormOutcome> {
        match reason(why) {
            Ok(reason) => or_faster(insist(|| self.place_once(ctx, scope, reason.clone())).await),
            Err(problem) => Ok(refused(problem)),
        }
    }

    async fn place_once(&self, ctx: &RequestContext, scope: HaltScope, reason: String) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let rollouts = concerned(&tx, scope).await?;
        if let Some(problem) = refusal(&tx, scope, &rollouts).await? {
            return Ok(refused(problem));
        }
        let cause = HaltCause::Person { by: ctx.actor.user, name: ctx.actor.name.clone(), reason };
        let halt = Halt::new(HaltId::new(self.ids().uuid()), scope, cause.clone(), ctx.now);
        store::halt::insert(&tx, &halt).await?;
        self.audit_halt(&tx, ctx, &halt, "halt.placed", json!({ "scope": scope, "cause": cause })).await?;
        for rollout in rollouts.iter().filter(|rollout| is_under_way(rollout)) {
            let event = RolloutEvent::HaltPlaced { scope, cause: cause.clone() };
            self.audit_rollout(&tx, By::Person(&ctx.actor), ctx.now, rollout.id, &event).await?;
            // Of a rollout that stands already everybody was told.
            if matches!(rollout.state, RolloutState::Running { .. }) {
                let occasion = Occasion::Halted { reason: cause.sentence(), scope: Some(scope) };
                self.open_mailing(&tx, rollout, &occasion, ctx.now).await?;
            }
        }
        self.tell_everybody(&tx, ctx, &halt).await?;
        tx.commit().await?;
        self.tell_customers().await;
        Ok(FormOutcome::Done { message: placed(scope) })
    }

    /// The kill switch is said on every open page.
    pub(super) async fn tell_everybody(&self, tx: &Tx, ctx: &RequestContext, halt: &Halt) -> Result<()> {
        if halt.scope != HaltScope::Everything {
            return Ok(());
        }
        let text = if halt.stands() { halt.sentence() } else { "The halt of all updates is lifted".to_owned() };
        self.announce(tx, ctx.now, Topic::Stops, text).await
    }

    pub(super) async fn audit_halt(
        &self,
        tx: &impl Connection,
        ctx: &RequestContext,
        halt: &Halt,
        action: &'static str,
        details: serde_json::Value,
    ) -> Result<()> {
        let customer = match halt.scope {
            HaltScope::Customer { customer, .. } => Some(customer),
            _ => None,
        };
        let deed = Deed { action, object_kind: "halt", object_id: halt.id.to_string(), customer, details };
        self.audit(tx, By::Person(&ctx.actor), ctx.now, deed).await?;
        self.announce(tx, ctx.now, Topic::Halts, "What is halted has changed").await
    }
}

pub(super) const fn is_under_way(rollout: &Rollout) -> bool {
    matches!(rollout.state, RolloutState::Running { .. } | RolloutState::Halted { .. })
}

/// Why nothing can be halted by that; asked after the rollouts are bumped, so that of two who halt the same at once the
/// second sees the first.
async fn refusal(tx: &Tx, scope: HaltScope, rollouts: &[Rollout]) -> Result<Option<FormProblem>> {
    let completed = |rollout: &Rollout| matches!(rollout.state, RolloutState::Completed { .. });
    match scope {
        HaltScope::Station { rollout, .. } | HaltScope::Customer { rollout: Some(rollout), .. }
            if rollouts.iter().any(|known| known.id == rollout && completed(known)) =>
        {
            return Ok(Some(FormProblem::RolloutNotRunning));
        }
        HaltScope::Station { rollout, station } => {
            let stages = store::rollout::stages(tx, rollout).await?;
            if !stages.iter().any(|stage| stage.key.station == station) {
                return Ok(Some(FormProblem::StationMissing));
            }
        }
        HaltScope::Customer { customer, .. } => {
            let found = store::customer::find(tx, TenantScope::AllCustomers, customer).await?;
            found.ok_or(Error::NotFound)?;
        }
        HaltScope::Build { .. } | HaltScope::Rollout { .. } | HaltScope::Everything => {}
    }
    let known = store::halt::in_force(tx).await?.iter().any(|halt| halt.scope == scope);
    Ok(known.then_some(FormProblem::HaltedAlready))
}

fn placed(scope: HaltScope) -> String {
    match scope {
        HaltScope::Station { station, .. } => format!("Station {station} is halted. Nothing new starts there."),
        HaltScope::Customer { .. } => {
            "The customer is halted. Nothing new starts there; it goes on for all others.".into()
        }
        HaltScope::Build { .. } | HaltScope::Rollout { .. } | HaltScope::Everything => {
            "All updates are halted. Nothing new starts anywhere until this is lifted.".into()
        }
    }
}
