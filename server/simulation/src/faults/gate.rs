//! F1–F6, F18, F19: the gate that stands between one server and its database and agents. At a drawn point the server is
//! killed (the call never comes back), refused, told that a commit failed which did not, or made to stand still.
//!
//! A server that stands still holds no transaction: one that did would only keep everybody else waiting, which SQLite
//! turns into "busy", a fault of its own.

use chrono::TimeDelta;
use services::mix::Mix;
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{Fault, Interrupt, Point};
use tokio::sync::Notify;

/// What happens, and before it so many points are let pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trap {
    /// F1, F19.
    KillAtStatement,
    /// F2: nothing was written yet.
    KillBeforeCommit,
    /// F2: everything was written, and nobody was told.
    KillAfterCommit,
    /// F3, F4.
    Refuse(Fault),
    /// F5.
    LoseCommit,
    /// F6: at the beginning of a transaction, or at the door of an agent.
    Pause,
    /// F6: at the door of an agent only.
    PauseAtAgent,
}

#[derive(Debug, Default)]
struct State {
    set: Option<(Trap, u32)>,
    sprung: Option<Trap>,
    killed: bool,
    /// Nothing springs: the loop itself asks something.
    aside: bool,
    pausing: bool,
    paused: i32,
    /// Transactions that are open, and statements without an answer.
    open: i32,
    unanswered: i32,
}

#[derive(Debug, Default)]
pub struct Gate {
    state: Mutex<State>,
    go_on: Notify,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set(&self, trap: Trap, after: u32) {
        let mut state = self.state();
        state.set = Some((trap, after));
        state.sprung = None;
    }

    pub fn is_set(&self) -> bool {
        self.state().set.is_some()
    }

    pub fn unset(&self) {
        self.state().set = None;
    }

    /// While the loop itself asks something of the server.
    pub fn stand_aside(&self, aside: bool) {
        self.state().aside = aside;
    }

    /// What sprang since somebody last asked. A trap that did not waits for the next call.
    pub fn sprung(&self) -> Option<Trap> {
        self.state().sprung.take()
    }

    pub fn is_killed(&self) -> bool {
        self.state().killed
    }

    /// Everything that this server does waits at the gate, and nothing is held.
    pub fn is_paused(&self) -> bool {
        let state = self.state();
        state.pausing && state.paused > 0 && state.open == 0 && state.unanswered == 0
    }

    pub fn go_on(&self) {
        self.state().pausing = false;
        self.go_on.notify_waiters();
    }

    fn spring(&self, trap: Trap) {
        let mut state = self.state();
        state.set = None;
        state.sprung = Some(trap);
        match trap {
            Trap::KillAtStatement | Trap::KillBeforeCommit | Trap::KillAfterCommit => state.killed = true,
            Trap::Pause | Trap::PauseAtAgent => state.pausing = true,
            Trap::Refuse(_) | Trap::LoseCommit => {}
        }
    }

    /// The trap that springs here, if one does.
    fn sprung_at(&self, point: Door<'_>) -> Option<Trap> {
        let trap = {
            let mut state = self.state();
            if state.aside {
                return None;
            }
            let (trap, left) = state.set.as_mut()?;
            let fits = matches!(
                (*trap, point),
                (Trap::KillAtStatement | Trap::Refuse(_), Door::Base(Point::Statement(_) | Point::Begin))
                    | (Trap::KillBeforeCommit, Door::Base(Point::Commit))
                    | (Trap::KillAfterCommit | Trap::LoseCommit, Door::Base(Point::Committed))
                    | (Trap::Pause, Door::Base(Point::Begin))
                    | (Trap::Pause | Trap::PauseAtAgent, Door::Agent)
            );
            if !fits {
                return None;
            }
            if *left > 0 {
                *left -= 1;
                return None;
            }
            *trap
        };
        self.spring(trap);
        Some(trap)
    }

    async fn wait_here(&self) {
        loop {
            let going_on = self.go_on.notified();
            {
                let mut state = self.state();
                if !state.pausing {
                    return;
                }
                state.paused += 1;
            }
            going_on.await;
            self.state().paused -= 1;
        }
    }

    /// An agent is about to be called.
    pub async fn at_agent(&self) {
        let _ = self.sprung_at(Door::Agent);
        self.wait_here().await;
    }
}

#[derive(Debug, Clone, Copy)]
enum Door<'a> {
    Base(Point<'a>),
    Agent,
}

#[async_trait::async_trait]
impl Interrupt for Gate {
    async fn at(&self, point: Point<'_>) -> Result<(), Fault> {
        if point == Point::Begin {
            // Of several calls that want to write, the first would come as far as the database's thread is fast; so all
            // of them come here before one goes on, and the order of everything is the same in every run.
            tokio::task::yield_now().await;
        }
        if self.is_killed() {
            std::future::pending::<()>().await;
        }
        let sprung = self.sprung_at(Door::Base(point));
        if point == Point::Begin {
            self.wait_here().await;
        }
        match point {
            Point::Begin | Point::Snapshot => self.state().open += 1,
            Point::Statement(_) => self.state().unanswered += 1,
            _ => {}
        }
        match sprung {
            Some(Trap::KillAtStatement | Trap::KillBeforeCommit | Trap::KillAfterCommit) => {
                std::future::pending().await
            }
            Some(Trap::Refuse(fault)) => Err(fault),
            Some(Trap::LoseCommit) => Err(Fault::Gone),
            Some(Trap::Pause | Trap::PauseAtAgent) | None => Ok(()),
        }
    }

    fn note(&self, point: Point<'_>) {
        let mut state = self.state();
        match point {
            Point::Answered => state.unanswered -= 1,
            Point::Closed => state.open -= 1,
            _ => {}
        }
    }
}

/// How long a server stands still: mostly about as long as its lease, sometimes much longer.
pub fn pause(mix: &mut Mix) -> TimeDelta {
    match mix.below(4) {
        0 => TimeDelta::zero(),
        1 => TimeDelta::seconds(mix.between(1, 4)),
        2 => TimeDelta::seconds(mix.between(20, 90)),
        _ => TimeDelta::minutes(mix.between(2, 25)),
    }
}

/// How many points pass before a trap springs: mostly few, for most ticks are short.
pub fn after(mix: &mut Mix) -> u32 {
    let magnitude = mix.below(8);
    u32::try_from(mix.below(1 << magnitude)).unwrap_or(0)
}
