//! An agent takes its order: from here on the environment may be touched. One small transaction, like the claim of an
//! order for a deployer: a halt that commits before it is obeyed, one that comes later finds a running update (rule H1).

use super::order::AgentOrder;
use super::{Answer, Refused};
use crate::engine::dispatch::last_start_held;
use crate::rollout::insist;
use crate::trail::{By, Deed};
use crate::words::EnvironmentNames;
use crate::zone::ZoneClockface;
use crate::{CallerContext, Error, Result, Services};
use domain::ids::UpdateId;
use domain::rollout::{EnvironmentReason, UpdateState};
use domain::wire::live::Topic;
use serde_json::json;
use store::Tx;
use store::update::RunningUpdate;

impl Services {
    /// Asked twice, it answers twice the same as long as it may begin. One that may not begin any more, and that nobody
    /// took, goes back to its announced night.
    pub async fn begin_order(&self, ctx: &CallerContext, order: UpdateId, attempt: u8) -> Answer<AgentOrder> {
        let answer = insist(|| self.try_begin(ctx, order, attempt)).await;
        self.events().poke();
        answer
    }

    async fn try_begin(&self, ctx: &CallerContext, order: UpdateId, attempt: u8) -> Answer<AgentOrder> {
        let tx = self.db().begin().await?;
        let running = store::update::with_names(&tx, order).await?.ok_or(Error::NotFound)?;
        let update = &running.update;
        if !ctx.caller.reach.reaches(update.environment, update.customer) {
            return Err(Error::NotFound);
        }
        if !matches!(update.state, UpdateState::InProgress { .. }) {
            return Ok(Err(Refused::NotOpen { state: update.state.word().word().to_lowercase() }));
        }
        if attempt != update.attempts {
            return Ok(Err(Refused::AnotherAttempt { current: update.attempts }));
        }
        store::agent::spoke(&tx, update.environment, ctx.caller.token, ctx.now).await?;
        let answer = match last_start_held(&tx, update, ctx.now).await? {
            Err(reason) => Err(self.refuse_order(&tx, ctx, &running, reason).await?),
            Ok(last) => match self.agent_order_of(&tx, &running, last, ctx.now).await? {
                // The engine gives it up at its next tick, and says so.
                Err(why) => Err(Refused::NotNow { why }),
                Ok(order) => {
                    let begun_at = self.take(&tx, ctx, &running).await?;
                    let valid_until = last.min(begun_at + self.order_valid());
                    Ok(AgentOrder { begun_at: Some(begun_at), valid_until, ..order })
                }
            },
        };
        tx.commit().await?;
        Ok(answer)
    }

    /// When it begins. An order that was taken and did not begin in its time is taken anew.
    async fn take(
        &self,
        tx: &Tx,
        ctx: &CallerContext,
        running: &RunningUpdate,
    ) -> Result<chrono::DateTime<chrono::Utc>> {
        let update = &running.update;
        if let Some(at) = update.dispatched_at.filter(|at| ctx.now <= *at + self.order_valid()) {
            return Ok(at);
        }
        store::update::take(tx, update, ctx.now).await?;
        let deed = Deed {
            action: "environment.update_taken",
            object_kind: "environment",
            object_id: update.environment.to_string(),
            customer: Some(update.customer),
            details: json!({ "update": update.id, "build": running.build, "attempt": update.attempts }),
        };
        self.audit(tx, By::Program(&ctx.caller), ctx.now, deed).await?;
        self.announce(tx, ctx.now, Topic::Estate(update.customer), "An update has begun").await?;
        Ok(ctx.now)
    }

    async fn refuse_order(
        &self,
        tx: &Tx,
        ctx: &CallerContext,
        running: &RunningUpdate,
        reason: EnvironmentReason,
    ) -> Result<Refused> {
        let clock = ZoneClockface::of_viewer("UTC");
        let why = reason.sentence(&clock, &EnvironmentNames::default());
        // What was taken may have touched the environment: it runs, and is watched.
        if running.update.dispatched_at.is_none() {
            self.send_back(tx, By::Program(&ctx.caller), running, reason, ctx.now).await?;
        }
        Ok(Refused::NotNow { why })
    }
}
