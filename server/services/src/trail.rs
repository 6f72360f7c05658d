//! What every change leaves behind, in its own transaction: an audit event, and live events in the outbox.
//! The events of a rollout are a closed set, so that its timeline is told from the audit chain and from nothing else.
//!
//! An event is dated by the clock of the services, which all of the system goes by: in a demo that is the demo's clock,
//! for the engine, for what people do to rollouts and for signing in alike. Only what a command does before or without
//! the services is dated by real time.

mod deeds;
pub mod rollout_event;

pub use deeds::{EmergencyDeed, RecoveryDeed};
pub use rollout_event::RolloutEvent;

use crate::events::LIVE;
use crate::ports::Ids;
use crate::{Result, Services, planted};
use chrono::{DateTime, Utc};
use domain::ids::{AuditId, CustomerId, RolloutId};
use domain::permission::Actor;
use domain::token::Caller;
use domain::wire::live::{LiveEvent, Topic};
use serde_json::Value;
use store::Connection;
use store::audit::{ActorKind, AuditActor, AuditObject, NewAudit};
use store::user::User;

/// The object kind of rollouts in the audit chain.
pub const ROLLOUT: &str = "rollout";

/// Who did it.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    Person(&'a Actor),
    /// A person who is not signed in yet.
    Account(&'a User),
    /// An agent, a pipeline, a listening system.
    Program(&'a Caller),
    /// The server by itself: `engine`, `sign-in`, `demo`, `command line`.
    System(&'static str),
}

impl By<'_> {
    fn actor(self) -> AuditActor {
        match self {
            Self::Person(actor) => {
                AuditActor { kind: ActorKind::Person, id: Some(actor.user.to_string()), name: actor.name.clone() }
            }
            Self::Account(user) => {
                AuditActor { kind: ActorKind::Person, id: Some(user.id.to_string()), name: user.name.clone() }
            }
            Self::Program(caller) => {
                AuditActor { kind: ActorKind::Agent, id: Some(caller.token.to_string()), name: caller.name.clone() }
            }
            Self::System(job) => AuditActor { kind: ActorKind::System, id: None, name: job.to_owned() },
        }
    }

    fn person(&self) -> Option<&str> {
        match self {
            Self::Person(actor) => Some(&actor.name),
            Self::Account(user) => Some(&user.name),
            Self::Program(_) | Self::System(_) => None,
        }
    }
}

/// One audit event, without its place in the chain.
#[derive(Debug, Clone)]
pub struct Deed {
    /// `environment.designated`: the object's kind, then what was done.
    pub action: &'static str,
    pub object_kind: &'static str,
    pub object_id: String,
    pub customer: Option<CustomerId>,
    pub details: Value,
}

impl Deed {
    fn event(self, ids: &dyn Ids, by: By<'_>, at: DateTime<Utc>) -> NewAudit {
        NewAudit {
            id: AuditId::new(ids.uuid()),
            at,
            actor: by.actor(),
            action: self.action.to_owned(),
            object: AuditObject { kind: self.object_kind.to_owned(), id: self.object_id },
            customer: self.customer,
            details: self.details,
        }
    }
}

/// The one place that makes an audit event; for seeds and commands, which have no [`Services`], too.
pub async fn append(
    tx: &impl Connection,
    ids: &dyn Ids,
    by: By<'_>,
    at: DateTime<Utc>,
    deed: Deed,
) -> Result<(), store::Error> {
    store::audit::append(tx, &deed.event(ids, by, at)).await
}

impl Services {
    pub(crate) async fn audit(&self, tx: &impl Connection, by: By<'_>, at: DateTime<Utc>, deed: Deed) -> Result<()> {
        self.audit_many(tx, by, at, vec![deed]).await
    }

    pub(crate) async fn audit_many(
        &self,
        tx: &impl Connection,
        by: By<'_>,
        at: DateTime<Utc>,
        deeds: Vec<Deed>,
    ) -> Result<()> {
        let is_kept =
            |deed: &Deed| !planted::is("audit-missing") || deed.object_kind != "environment" || at.timestamp() % 3 != 0;
        let kept = deeds.into_iter().filter(is_kept);
        let events: Vec<NewAudit> = kept.map(|deed| deed.event(self.ids(), by, at)).collect();
        Ok(store::audit::append_many(tx, &events).await?)
    }

    /// An audit event of a rollout, and the live event that says the same.
    pub(crate) async fn audit_rollout(
        &self,
        tx: &impl Connection,
        by: By<'_>,
        at: DateTime<Utc>,
        rollout: RolloutId,
        event: &RolloutEvent,
    ) -> Result<()> {
        let deed = Deed {
            action: event.action(),
            object_kind: ROLLOUT,
            object_id: rollout.to_string(),
            customer: None,
            details: serde_json::to_value(event).map_err(store::Error::from)?,
        };
        self.audit(tx, by, at, deed).await?;
        let text = event.sentence(by.person());
        if event.is_of_halts() {
            self.announce(tx, at, Topic::Halts, format!("A rollout: {text}")).await?;
        }
        self.announce(tx, at, Topic::Rollout(rollout), text).await
    }

    /// A live event. Follow the commit with `self.events().poke()`.
    pub(crate) async fn announce(
        &self,
        tx: &impl Connection,
        at: DateTime<Utc>,
        topic: Topic,
        text: impl Into<String>,
    ) -> Result<()> {
        self.announce_all(tx, at, [topic], text).await
    }

    /// The same for each of these topics.
    pub(crate) async fn announce_all(
        &self,
        tx: &impl Connection,
        at: DateTime<Utc>,
        topics: impl IntoIterator<Item = Topic>,
        text: impl Into<String>,
    ) -> Result<()> {
        let text = text.into();
        let mut events = Vec::new();
        for topic in topics {
            if planted::is("event-missing") && matches!(topic, Topic::Estate(_)) {
                continue;
            }
            let key = match topic {
                Topic::Rollout(id) => id.to_string(),
                Topic::Estate(id) => id.to_string(),
                Topic::DemoClock => "demo_clock".to_owned(),
                Topic::Stops => "stops".to_owned(),
                Topic::Halts => "halts".to_owned(),
            };
            let event = LiveEvent { topic, text: text.clone() };
            events.push((key, serde_json::to_value(&event).map_err(store::Error::from)?));
        }
        Ok(store::outbox::append_many(tx, LIVE, events, at).await?)
    }
}
