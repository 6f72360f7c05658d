//! One of the servers: its own name, clock and gate over the shared database. A call of it is driven to its end, to where
//! it is killed, or to where it stands still.

use crate::agents::{AgentDoor, Agents};
use crate::faults::gate::Gate;
use crate::time::{CountingIds, ServerClock, TrueTime};
use futures::future::BoxFuture;
use services::engine::TickOutcome;
use services::{Limits, Services, ServicesParts};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use store::Db;

/// Events that a slow receiver may lag behind; small, so that receivers fall behind in earnest.
const LIVE_BACKLOG: usize = 16;

/// What a call came to.
#[derive(Debug)]
pub struct Ended {
    pub line: String,
    /// Of a tick that did not fail as a whole.
    pub tick: Option<TickOutcome>,
}

pub type Call = BoxFuture<'static, Ended>;

pub enum Driven {
    Done(Ended),
    Killed,
    Paused(Call),
}

#[derive(Debug)]
pub struct Server {
    pub name: usize,
    /// How often it was started.
    pub life: u32,
    pub clock: Arc<ServerClock>,
    pub gate: Arc<Gate>,
    /// `None` while it is down.
    pub services: Option<Services>,
    /// Stands still in the middle of something.
    pub is_paused: bool,
}

/// What every server is made from.
#[derive(Debug, Clone)]
pub struct Site {
    pub db: Db,
    pub ids: Arc<CountingIds>,
    pub agents: Agents,
    pub truth: TrueTime,
}

impl Server {
    pub fn new(name: usize, site: &Site) -> Self {
        let clock = Arc::new(ServerClock::right(site.truth.clone()));
        let mut server = Self { name, life: 0, clock, gate: Arc::default(), services: None, is_paused: false };
        server.boot(site);
        server
    }

    /// A new process: nothing of the old one is left but the clock of the machine.
    pub fn boot(&mut self, site: &Site) {
        self.life += 1;
        self.gate = Arc::default();
        self.is_paused = false;
        self.services = Some(self.services_on(site, &self.gate));
    }

    fn services_on(&self, site: &Site, gate: &Arc<Gate>) -> Services {
        Services::new(ServicesParts {
            db: site.db.with_interrupt(gate.clone()),
            clock: self.clock.clone(),
            machine: self.clock.clone(),
            ids: site.ids.clone(),
            deployer: Arc::new(AgentDoor { agents: site.agents.clone(), gate: gate.clone() }),
            demo: None,
            limits: Limits { password_checks: 1, live_backlog: LIVE_BACKLOG },
        })
    }

    pub fn kill(&mut self) {
        self.services = None;
        self.is_paused = false;
    }

    /// It is up and does not stand still.
    pub fn serves(&self) -> Option<&Services> {
        self.services.as_ref().filter(|_| !self.is_paused)
    }

    /// Each life has its own, so that a server that was killed has to win the lease anew.
    pub fn owner(&self) -> String {
        format!("server {} life {}", self.name, self.life)
    }

    pub fn tick(&self) -> Option<Call> {
        let services = self.serves()?.clone();
        let owner = self.owner();
        let name = self.name;
        Some(Box::pin(async move {
            match services.engine_tick(&owner).await {
                Ok(tick) => Ended { line: format!("server {name} ticks: {}", words(tick)), tick: Some(tick) },
                Err(error) => Ended { line: format!("server {name} ticks: {error}"), tick: None },
            }
        }))
    }
}

fn words(tick: TickOutcome) -> String {
    if tick.stood_by {
        return "stands by".to_owned();
    }
    let TickOutcome { reported, applied, dropped, failed, .. } = tick;
    format!("{reported} reported, {applied} applied, {dropped} dropped, {failed} failed")
}

/// Polls a call until it ends, dies, or holds nothing and waits at the gate. No other call runs meanwhile.
pub async fn drive(gate: &Gate, mut call: Call) -> Driven {
    let stopped = poll_fn(|context| match call.as_mut().poll(context) {
        Poll::Ready(ended) => Poll::Ready(Some(Driven::Done(ended))),
        Poll::Pending if gate.is_killed() => Poll::Ready(Some(Driven::Killed)),
        Poll::Pending if gate.is_paused() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    });
    stopped.await.unwrap_or(Driven::Paused(call))
}
