//! Takes back what was booked, as long as nothing has begun. What was before stands again.

use super::{Change, subject};
use crate::rollout::or_faster;
use crate::{Error, RequestContext, Result, Services};
use domain::clockface::Clockface;
use domain::ids::EnvironmentId;
use domain::notification::NotificationEvent;
use domain::permission::{Permission, TenantScope};
use domain::rollout::MoveReason;
use domain::wire::problem::{FormOutcome, FormProblem};

impl Services {
    pub async fn undo_pull(&self, ctx: &RequestContext, id: EnvironmentId, generation: i64) -> Result<FormOutcome> {
        ctx.require(Permission::PullAhead)?;
        or_faster(self.unbook(ctx, id, generation).await)
    }

    async fn unbook(&self, ctx: &RequestContext, id: EnvironmentId, generation: i64) -> Result<FormOutcome> {
        let refuse = |problem| Ok(FormOutcome::Refused { problem });
        let scope = TenantScope::Customer(ctx.own_customer()?);
        let tx = self.db().begin().await?;
        let environment = store::environment::find(&tx, scope, id).await?.ok_or(Error::NotFound)?;
        let updates = store::update::of_environment(&tx, scope, id).await?;
        let booked = updates.iter().find_map(|with| {
            let booked = with.update.pull.as_ref().filter(|_| with.update.state.is_announced())?;
            Some((with, booked))
        });
        let Some((with, booked)) = booked else { return refuse(FormProblem::PullNotBooked) };
        let (update, rollout) = (&with.update, &with.rollout);
        if update.generation != generation {
            return refuse(FormProblem::SomeoneWasFaster);
        }
        let (Some(night), Ok(next)) = (update.state.night(), update.state.clone().unpull((*booked.before).clone()))
        else {
            return refuse(FormProblem::PullNotBooked);
        };
        let stays = booked.replaces();
        let reason = MoveReason::PullTakenBack { by: ctx.actor.name.clone() };
        let event = NotificationEvent::PullEnded { subject: subject(&environment), night, stays, reason };
        let action = "environment.pull_undone";
        let change = Change { environment: &environment, update, rollout, next, reasons: Vec::new(), action, event };
        self.write_pull(&tx, ctx, change).await?;
        store::update::set_pull(&tx, update.id, None).await?;
        tx.commit().await?;
        self.events().poke();
        let message = match stays {
            Some(own) => {
                format!("{} is not taken ahead. Its own night stays: {}.", environment.name, ctx.clock().night(own))
            }
            None => format!("{} is not taken ahead. What was planned for it before holds again.", environment.name),
        };
        Ok(FormOutcome::Done { message })
    }
}
