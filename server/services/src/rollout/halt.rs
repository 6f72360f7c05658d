//! A halt stops a build, and with it every rollout of it (rule H1): after the commit nothing new starts, running
//! updates finish and are watched. The same routine serves a person and the gate of a stage.

use super::{or_faster, reason, refused};
use crate::trail::{By, RolloutEvent};
use crate::{Error, RequestContext, Result, Services};
use chrono::{DateTime, Utc};
use domain::ids::{CustomerId, RolloutId};
use domain::notification::{NotificationEvent, NotificationPayload};
use domain::permission::Permission;
use domain::rollout::{HaltCause, RolloutFacts, UpdateState};
use domain::wire::problem::{FormOutcome, FormProblem};
use std::collections::BTreeMap;
use store::Connection;
use store::rollout::{Rollout, RolloutFilter};

/// A tick writes at most once a second in real time; twenty races in a row are not lost by chance.
const HALT_TRIES_MAX: u32 = 20;

/// Of one customer: environments that still wait, environments that run the build.
type Affected = BTreeMap<CustomerId, (u32, u32)>;

impl Services {
    pub async fn halt_rollout(&self, ctx: &RequestContext, id: RolloutId, why: &str) -> Result<FormOutcome> {
        ctx.require(Permission::HaltRollout)?;
        match reason(why) {
            Ok(reason) => or_faster(self.halt_first(ctx, id, reason).await),
            Err(problem) => Ok(refused(problem)),
        }
    }

    /// A halt that loses a race against a tick is tried again at once: the switch must win.
    async fn halt_first(&self, ctx: &RequestContext, id: RolloutId, reason: String) -> Result<FormOutcome> {
        for _ in 1..HALT_TRIES_MAX {
            match self.halt(ctx, id, reason.clone()).await {
                Err(Error::Conflict) => {}
                other => return other,
            }
        }
        self.halt(ctx, id, reason).await
    }

    async fn halt(&self, ctx: &RequestContext, id: RolloutId, reason: String) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let rollout = store::rollout::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let cause = HaltCause::Person { by: ctx.actor.user, name: ctx.actor.name.clone(), reason };
        if rollout.state.clone().halt(cause.clone(), ctx.now).is_err() {
            return Ok(refused(FormProblem::RolloutNotRunning));
        }
        store::rollout::bump(&tx, id, rollout.generation).await?;
        self.halt_build(&tx, By::Person(&ctx.actor), id, &cause, ctx.now).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message: format!("{} is halted. Nothing new starts.", rollout.train) })
    }

    /// Halts the build of a rollout and every running rollout of it. The caller has bumped `id`; the others are bumped
    /// here, so that no plan made before the halt is applied after it.
    pub(crate) async fn halt_build(
        &self,
        tx: &impl Connection,
        by: By<'_>,
        id: RolloutId,
        cause: &HaltCause,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let origin = store::rollout::find(tx, id).await?.ok_or(Error::NotFound)?;
        let why = cause.sentence();
        store::build::halt(tx, origin.build, &why, now).await?;
        let filter = RolloutFilter { states: vec!["running"], build: Some(origin.build), ..RolloutFilter::default() };
        for rollout in store::rollout::list(tx, &filter).await? {
            let own = rollout.id == id;
            let cause = if own { cause.clone() } else { HaltCause::Build { reason: why.clone() } };
            if !own {
                store::rollout::bump(tx, rollout.id, rollout.generation).await?;
            }
            self.halt_one(tx, by, &rollout, cause, now).await?;
        }
        Ok(())
    }

    async fn halt_one(
        &self,
        tx: &impl Connection,
        by: By<'_>,
        rollout: &Rollout,
        cause: HaltCause,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let reason = cause.sentence();
        let Ok(state) = rollout.state.clone().halt(cause.clone(), now) else { return Ok(()) };
        store::rollout::set_state(tx, rollout.id, &state).await?;
        self.audit_rollout(tx, by, now, rollout.id, &RolloutEvent::Halted { cause }).await?;
        for (customer, (waiting, updated)) in self.affected(tx, rollout.id).await? {
            let event = NotificationEvent::Halted { reason: reason.clone(), waiting, updated };
            self.tell(tx, rollout, customer, event, now).await?;
        }
        Ok(())
    }

    /// A letter about the rollout as a whole, and the live event that makes the customer's pages look.
    pub(super) async fn tell(
        &self,
        tx: &impl Connection,
        rollout: &Rollout,
        customer: CustomerId,
        event: NotificationEvent,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let key = format!("{}:{customer}:{}:{}", rollout.id, event.kind().key(), now.timestamp_millis());
        let payload = NotificationPayload { train: rollout.train, build: rollout.version, event };
        self.notify(tx, customer, Some(rollout.id), &payload, key, now).await?;
        let topic = domain::wire::live::Topic::Estate(customer);
        self.announce(tx, now, topic, "A rollout changed").await
    }

    /// Customers with environments that wait for their turn or already run the build.
    pub(super) async fn affected(&self, tx: &impl Connection, id: RolloutId) -> Result<Affected> {
        let facts = store::rollout::load_facts(tx, id).await?;
        Ok(facts.map(|facts| count(&facts)).unwrap_or_default())
    }
}

fn count(facts: &RolloutFacts) -> Affected {
    let mut affected = Affected::new();
    for environment in &facts.environments {
        let Some(update) = &environment.update else { continue };
        let (waiting, updated) = match update.state {
            UpdateState::Planned | UpdateState::Announced { .. } => (1, 0),
            UpdateState::Succeeded { .. } | UpdateState::InProgress { .. } | UpdateState::Verifying { .. } => (0, 1),
            _ => continue,
        };
        let entry = affected.entry(environment.customer).or_default();
        *entry = (entry.0 + waiting, entry.1 + updated);
    }
    affected
}
