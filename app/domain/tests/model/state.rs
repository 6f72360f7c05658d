//! One state of the machine: two servers, the lease, what the deployers know, and what may still go wrong.

use crate::executor::Progress;
use crate::laws::Breach;
use crate::scene::FLEET;
use crate::shelf::{At, DatabaseId, Refused};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Epoch {
    None,
    /// The lease's own.
    Current,
    /// Another server has claimed since.
    Old,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    Idle,
    /// Holds facts; `is_current` as long as the rollout's generation is the one it read.
    Planning {
        seen: DatabaseId,
        is_current: bool,
    },
    /// The claim is committed, the deployer has not heard of it yet.
    Calling {
        environment: u8,
        attempt: u8,
    },
    Lost(Race),
    /// It sent an update back.
    Refused(Refused),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Race {
    Generation,
    Epoch,
    Update,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Server {
    pub epoch: Epoch,
    /// Of its tick: what it plans and writes with, however late.
    pub now: At,
    pub phase: Phase,
}

pub const GONE: Server = Server { epoch: Epoch::None, now: 0, phase: Phase::Idle };

/// What the deployer of one environment knows: the last attempt that it was told of, and how far that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Work {
    pub attempt: u8,
    pub progress: Progress,
}

impl Work {
    pub const fn is_going_on(self) -> bool {
        self.attempt > 0 && matches!(self.progress, Progress::Running | Progress::Applied)
    }
}

/// What may still go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Left {
    pub halts: u8,
    pub scoped_halts: u8,
    pub failures: u8,
    pub takeovers: u8,
    pub crashes: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    pub at: At,
    pub database: DatabaseId,
    /// Who holds the lease.
    pub leader: Option<u8>,
    pub servers: [Server; 2],
    pub works: [Work; FLEET],
    pub left: Left,
    pub breach: Option<Breach>,
}

impl State {
    /// Servers have no names: of two states that differ only by which is which, one stands for both.
    pub fn in_order(mut self) -> Self {
        let leads = |s: u8| self.leader != Some(s);
        if (leads(1), self.servers[1]) < (leads(0), self.servers[0]) {
            self.servers.swap(0, 1);
            self.leader = self.leader.map(|s| 1 - s);
        }
        self
    }
}
