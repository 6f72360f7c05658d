//! Lifting a halt: exactly this one. Whatever else holds goes on holding, and only who really goes on is told so.

use super::concerned;
use super::place::is_under_way;
use crate::rollout::mailing::Occasion;
use crate::rollout::{insist, or_faster, reason, refused};
use crate::trail::{By, RolloutEvent};
use crate::{Error, RequestContext, Result, Services};
use domain::ids::HaltId;
use domain::people::{Person, Reasoned};
use domain::permission::{Actor, Permission};
use domain::rollout::RolloutState;
use domain::rollout::halt::HaltScope;
use domain::wire::problem::{FormOutcome, FormProblem};
use serde_json::json;

impl Services {
    pub async fn lift_halt(&self, ctx: &RequestContext, id: HaltId, why: &str) -> Result<FormOutcome> {
        if !ctx.actor.may(Permission::ResumeRollout) {
            ctx.require(Permission::LiftEverything)?;
        }
        match reason(why) {
            Ok(reason) => or_faster(insist(|| self.lift_once(ctx, id, reason.clone())).await),
            Err(problem) => Ok(refused(problem)),
        }
    }

    async fn lift_once(&self, ctx: &RequestContext, id: HaltId, reason: String) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let halt = store::halt::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let scope = halt.scope;
        if !may_lift(&ctx.actor, scope) {
            return Ok(refused(FormProblem::NotAllowed));
        }
        let rollouts = concerned(&tx, scope).await?;
        let by = Person { id: ctx.actor.user, name: ctx.actor.name.clone() };
        let lift = Reasoned { by, reason: reason.clone(), at: ctx.now };
        let Ok(lifted) = halt.clone().lift(lift.clone()) else { return Ok(refused(FormProblem::HaltLifted)) };
        store::halt::lift(&tx, &halt, &lift).await?;
        self.audit_halt(&tx, ctx, &halt, "halt.lifted", json!({ "scope": scope, "reason": reason })).await?;
        for rollout in rollouts.iter().filter(|rollout| is_under_way(rollout)) {
            let event = RolloutEvent::HaltLifted { scope, reason: reason.clone() };
            self.audit_rollout(&tx, By::Person(&ctx.actor), ctx.now, rollout.id, &event).await?;
            if matches!(rollout.state, RolloutState::Running { .. }) {
                self.open_mailing(&tx, rollout, &Occasion::Resumed { scope: Some(scope) }, ctx.now).await?;
            }
        }
        self.tell_everybody(&tx, ctx, &lifted).await?;
        tx.commit().await?;
        self.tell_customers().await;
        Ok(FormOutcome::Done { message: done(scope) })
    }
}

pub(super) const fn may_lift(actor: &Actor, scope: HaltScope) -> bool {
    match scope {
        HaltScope::Everything => actor.may(Permission::LiftEverything),
        _ => actor.may(Permission::ResumeRollout),
    }
}

fn done(scope: HaltScope) -> String {
    match scope {
        HaltScope::Station { station, .. } => format!("The halt of station {station} is lifted."),
        HaltScope::Customer { .. } => "The halt of the customer is lifted.".to_owned(),
        HaltScope::Build { .. } | HaltScope::Rollout { .. } | HaltScope::Everything => {
            "The halt of all updates is lifted. What is halted by itself stays so.".to_owned()
        }
    }
}
