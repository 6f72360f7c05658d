//! The use cases of Signalbox: authorise → load → domain → save → audit → announce, one transaction each.
//!
//! Everything outside (pages, API, background jobs, command line) calls [`Services`]; one file per use case, named by
//! its verb. Not here: rules (`domain`), SQL (`store`), HTTP and sessions (`server`), markup (`app`).
//!
//! | module | use cases |
//! |---|---|
//! | [`sign_in`] | passwords, throttle, the actor of a session |
//! | [`shell`], [`settings`] | what stands around every page; a person's own zone and sessions |
//! | [`notification`], [`calendar`], [`environment`] | a customer's estate |
//! | [`deployment`], [`rollout_views`] | staff: what runs where, how far each train is |
//! | [`token`], [`agent`] | programs: what they ask with, their orders and their reports |
//! | [`signal`], [`incident`] | what listening systems say of telemetry; what they and people report against builds |
//! | [`halt`], [`freeze`] | stopping builds, stations, customers, everything; nights in which nothing starts |
//! | [`emergency`], [`recovery`], [`flight`] | going faster for a while; ways out of a halt; switches of changes |
//! | [`exemption`] | who is left out: asked for, decided, withdrawn, reminded of |
//! | [`rollout`] | start, approve, halt, resume, set percentages, approve and withdraw the build |
//! | [`engine`] | one tick: ask the deployer, plan, apply |
//! | [`trail`], [`events`] | what every change leaves behind: audit, outbox, live events |
//! | [`ports`], [`zone`] | time, randomness, deployers; instants in words |
//! | [`mix`] | numbers that look random, the same for the same seed |
//! | [`planted`] | mistakes for the simulator to find; none but under its feature |

pub mod agent;
pub mod calendar;
pub mod catalogue;
mod context;
pub mod demo;
pub mod deployment;
pub mod emergency;
pub mod engine;
pub mod environment;
mod error;
pub mod events;
pub mod exemption;
pub mod flight;
pub mod freeze;
pub mod halt;
pub mod incident;
mod line;
pub mod mix;
pub mod notification;
#[cfg_attr(not(feature = "planted"), path = "planted/none.rs")]
pub mod planted;
pub mod ports;
pub mod recovery;
pub mod rollout;
pub mod rollout_views;
pub mod settings;
pub mod shell;
pub mod sign_in;
pub mod signal;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod token;
pub mod trail;
mod words;
pub mod zone;

pub use context::{CallerContext, RequestContext};
pub use emergency::EmergencyActForm;
pub use environment::{DesignateForm, PlanForm, PullForm};
pub use error::Error;
pub use exemption::ExemptionForm;
pub use flight::FlightForm;
pub use incident::IncidentForm;
pub use recovery::{RecoveryActForm, RecoveryForm};

use chrono::{DateTime, Utc};
use demo::DemoClock;
use events::EventBus;
use ports::{Clock, Deployer, Ids};
use sign_in::password::Passwords;
use std::fmt;
use std::sync::Arc;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How much may happen at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Password checks at once; each takes 19 MiB and a core.
    pub password_checks: usize,
    /// Live events that a slow listener may lag behind before it has to load its page again.
    pub live_backlog: usize,
}

impl Default for Limits {
    /// One core stays free for everybody who is signed in already.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { password_checks: cores.saturating_sub(1).max(1), live_backlog: 256 }
    }
}

/// What [`Services`] is made of.
pub struct ServicesParts {
    pub db: store::Db,
    pub clock: Arc<dyn Clock>,
    /// The clock of the machine: leases run on real time, whatever `clock` does.
    pub machine: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub deployer: Arc<dyn Deployer>,
    /// The same clock as `clock`, where this is a demo.
    pub demo: Option<Arc<DemoClock>>,
    pub limits: Limits,
}

/// Every use case. Clones share everything.
#[derive(Clone)]
pub struct Services {
    inner: Arc<Inner>,
}

struct Inner {
    parts: ServicesParts,
    events: EventBus,
    passwords: Passwords,
    /// What plans have in common.
    shelf: store::rollout::Shelf,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("limits", &self.inner.parts.limits).finish_non_exhaustive()
    }
}

impl Services {
    pub fn new(parts: ServicesParts) -> Self {
        let events = EventBus::new(parts.limits.live_backlog);
        let passwords = Passwords::new(parts.limits.password_checks);
        Self { inner: Arc::new(Inner { parts, events, passwords, shelf: store::rollout::Shelf::default() }) }
    }

    /// The instant that the whole system goes by.
    pub fn now(&self) -> DateTime<Utc> {
        self.inner.parts.clock.now()
    }

    pub fn events(&self) -> &EventBus {
        &self.inner.events
    }

    pub fn db(&self) -> &store::Db {
        &self.inner.parts.db
    }

    pub fn ids(&self) -> &dyn Ids {
        &*self.inner.parts.ids
    }

    pub fn deployer(&self) -> &dyn Deployer {
        &*self.inner.parts.deployer
    }

    pub fn demo(&self) -> Option<&DemoClock> {
        self.inner.parts.demo.as_deref()
    }

    pub(crate) fn shelf(&self) -> &store::rollout::Shelf {
        &self.inner.shelf
    }

    pub(crate) fn machine(&self) -> &dyn Clock {
        &*self.inner.parts.machine
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }
}
