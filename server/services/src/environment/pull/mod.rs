//! A customer takes the coming build ahead of its night, and takes that back. Whether it may is asked of
//! `domain::pull_ahead`, by the page that offers nights and again by the use case that books one. What is booked is an
//! update of its rollout like any other from then on: the engine starts it, hands it on and hears of it, within the caps
//! and never past a halt. Not here: what becomes of it (`engine`).

mod book;
mod facts;
mod undo;
mod view;

pub use book::PullForm;
pub(super) use facts::Pullable;
pub(super) use view::view;

use crate::engine::NewLetter;
use crate::trail::{By, Deed};
use crate::{RequestContext, Result, Services};
use domain::ids::CustomerId;
use domain::notification::{NotificationEvent, NotificationPayload, Subject};
use domain::rollout::{EnvironmentReason, UpdateState};
use domain::wire::live::Topic;
use serde_json::json;
use store::Tx;
use store::environment::Environment;
use store::rollout::RolloutHead;
use store::update::{Expect, Update};

fn subject(environment: &Environment) -> Subject {
    Subject { environment: environment.id, name: environment.name.clone(), kind: environment.kind }
}

/// A change of an update by its owner.
struct Change<'a> {
    environment: &'a Environment,
    update: &'a Update,
    rollout: &'a RolloutHead,
    next: UpdateState,
    reasons: Vec<EnvironmentReason>,
    action: &'static str,
    event: NotificationEvent,
}

impl Services {
    /// The state, its reasons, the audit event, the letter and the live events. Conflict where the update has moved on.
    async fn write_pull(&self, tx: &Tx, ctx: &RequestContext, change: Change<'_>) -> Result<()> {
        let Change { environment, update, rollout, next, reasons, action, event } = change;
        let expect = Expect::Generation(update.generation);
        let generation = store::update::save_state(tx, update.id, expect, &next, update.attempts).await?;
        let at = next.night().map(|night| night.start);
        store::update::save_reasons(tx, update.id, &reasons, at).await?;
        let customer: CustomerId = environment.customer;
        let details = json!({ "update": update.id, "train": rollout.train, "build": rollout.build, "night": at });
        let deed = Deed {
            action,
            object_kind: "environment",
            object_id: environment.id.to_string(),
            customer: Some(customer),
            details,
        };
        self.audit(tx, By::Person(&ctx.actor), ctx.now, deed).await?;
        let payload = NotificationPayload { train: rollout.train, build: rollout.build, returns_from: None, event };
        let key = format!("{}:{action}:{generation}", update.id);
        self.notify(tx, &[NewLetter { customer, rollout: rollout.id, payload, key }], ctx.now).await?;
        let text = format!("{} has another night", environment.name);
        self.announce(tx, ctx.now, Topic::Estate(customer), text).await?;
        self.announce(tx, ctx.now, Topic::Rollout(rollout.id), "A customer chose another night").await
    }
}
