//! Listeners of live events, as open pages are: they hear what the bus of their server sends, drop off, come back at
//! another server and ask for what they missed. Each must have heard every event that it may hear, once and in order (I10).

use crate::invariants::Found;
use crate::people::context;
use domain::permission::Actor;
use domain::wire::live::LiveEvent;
use services::Services;
use services::events::{Sent, may_hear};
use store::census;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

#[derive(Debug)]
pub struct Listener {
    actor: Actor,
    stream: Option<(usize, Receiver<Sent>)>,
    /// The last event that was heard, by its place in the outbox.
    last: i64,
    heard: Vec<i64>,
    /// It was told that it missed too much, and loaded its page again: nothing up to here is owed.
    reloaded: i64,
    forgets: bool,
}

impl Listener {
    pub const fn new(actor: Actor, forgets: bool) -> Self {
        Self { actor, stream: None, last: 0, heard: Vec::new(), reloaded: 0, forgets }
    }

    pub fn server(&self) -> Option<usize> {
        self.stream.as_ref().map(|(server, _)| *server)
    }

    pub fn drop_off(&mut self) {
        self.stream = None;
    }

    pub async fn join(&mut self, server: usize, services: &Services) -> services::Result<()> {
        self.stream = Some((server, services.events().subscribe()));
        self.catch_up(services).await
    }

    async fn catch_up(&mut self, services: &Services) -> services::Result<()> {
        if self.forgets {
            return Ok(());
        }
        if let Some(missed) = services.events_since(&context(services, &self.actor), self.last).await? {
            for sent in missed {
                self.hear(&sent);
            }
        } else {
            self.last = store::outbox::latest_seq(services.db().reader()).await?;
            self.reloaded = self.last;
            self.heard.retain(|seq| *seq > self.reloaded);
        }
        Ok(())
    }

    fn hear(&mut self, sent: &Sent) {
        // A page leaves out what it has: the same event may come by both ways.
        if sent.seq > self.last && may_hear(&self.actor, &sent.event.topic) {
            self.last = sent.seq;
            self.heard.push(sent.seq);
        }
    }

    /// Takes what has come since.
    pub async fn listen(&mut self, services: &Services) -> services::Result<()> {
        loop {
            let Some((_, stream)) = &mut self.stream else { return Ok(()) };
            match stream.try_recv() {
                Ok(sent) => self.hear(&sent),
                Err(TryRecvError::Lagged(_)) => self.catch_up(services).await?,
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Closed) => self.drop_off(),
            }
        }
    }

    /// Comes back and compares with the outbox.
    pub async fn account(&mut self, server: usize, services: &Services) -> services::Result<Option<Found>> {
        self.join(server, services).await?;
        let rows = census::outbox(services.db().reader(), self.reloaded).await?;
        let mut owed = Vec::new();
        for row in rows {
            let event: Option<LiveEvent> = serde_json::from_value(row.payload).ok();
            if event.is_some_and(|event| may_hear(&self.actor, &event.topic)) {
                owed.push(row.seq);
            }
        }
        if owed == self.heard {
            return Ok(None);
        }
        let (missed, heard) = (owed.iter().find(|seq| !self.heard.contains(seq)), self.heard.len());
        let what = format!("{} heard {heard} of {} live events, not {missed:?}", self.actor.email, owed.len());
        Ok(Some(Found::new("I10", what)))
    }
}
