//! Live events: what changed, for whoever looks at it. The outbox is the truth; this bus only carries what is committed
//! there to the open pages of this process. Whoever misses one asks the outbox again by sequence.

use crate::{RequestContext, Result, Services};
use domain::permission::{Actor, Permission};
use domain::wire::live::{LiveEvent, Topic};
use tokio::sync::{Mutex, Notify, broadcast};

/// The topic of outbox rows that are live events.
pub(crate) const LIVE: &str = "live";
/// Rows read at once.
pub const RELAY_ROWS_MAX: usize = 500;

/// An event and its place in the outbox, which is its id on the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub seq: i64,
    pub event: LiveEvent,
}

#[derive(Debug)]
pub struct EventBus {
    sender: broadcast::Sender<Sent>,
    poke: Notify,
    /// The last outbox row sent on; `None` before the first relay. What stood there then is history, not news.
    relayed: Mutex<Option<i64>>,
}

impl EventBus {
    pub(crate) fn new(backlog: usize) -> Self {
        Self { sender: broadcast::Sender::new(backlog.max(1)), poke: Notify::new(), relayed: Mutex::new(None) }
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Sent> {
        self.sender.subscribe()
    }

    /// Something was committed: the relay need not wait for its period.
    pub fn poke(&self) {
        self.poke.notify_one();
    }

    pub async fn poked(&self) {
        self.poke.notified().await;
    }
}

/// Whether this person's pages may be told of the topic.
pub fn may_hear(actor: &Actor, topic: &Topic) -> bool {
    match topic {
        Topic::Rollout(_) | Topic::Halts => actor.may(Permission::SeeRollouts),
        Topic::Estate(customer) => actor.customer == Some(*customer) && actor.may(Permission::SeeOwnEstate),
        Topic::DemoClock | Topic::Stops => true,
    }
}

impl Services {
    /// Sends on what was committed since the last call; how many outbox rows it read, [`RELAY_ROWS_MAX`] where more may wait.
    /// Called by a background loop.
    pub async fn relay_events(&self) -> Result<usize> {
        let bus = self.events();
        let mut relayed = bus.relayed.lock().await;
        let Some(last) = *relayed else {
            *relayed = Some(store::outbox::latest_seq(self.db().reader()).await?);
            return Ok(0);
        };
        let rows = store::outbox::after(self.db().reader(), last, RELAY_ROWS_MAX as u64).await?;
        for row in &rows {
            if let Some(event) = live(row) {
                // No receiver means no open page.
                let _ = bus.sender.send(Sent { seq: row.seq, event });
            }
            *relayed = Some(row.seq);
        }
        Ok(rows.len())
    }

    /// What a page has missed since `seq`, as far as this person may hear it. `None` where it missed too much to list:
    /// the page has to load again.
    pub async fn events_since(&self, ctx: &RequestContext, seq: i64) -> Result<Option<Vec<Sent>>> {
        let rows = store::outbox::after(self.db().reader(), seq, RELAY_ROWS_MAX as u64).await?;
        if rows.len() == RELAY_ROWS_MAX {
            return Ok(None);
        }
        let heard = rows.iter().filter_map(|row| live(row).map(|event| Sent { seq: row.seq, event }));
        Ok(Some(heard.filter(|sent| may_hear(&ctx.actor, &sent.event.topic)).collect()))
    }
}

fn live(row: &store::outbox::OutboxRow) -> Option<LiveEvent> {
    if row.topic != LIVE {
        return None;
    }
    serde_json::from_value(row.payload.clone())
        .inspect_err(|error| tracing::error!(seq = row.seq, %error, "an outbox row is no live event"))
        .ok()
}
