//! The engine: one tick moves every running rollout as far as it can go at this instant.
//!
//! A tick is claim the lease → ask the deployer about running updates → for each rollout that does not rest load facts,
//! plan, apply. Where a plan finds nothing to do it says when time alone could change that, and until then, or until
//! something happens, no other is made (`store::rollout::rest`).
//! Planning is pure (`domain::rollout::plan`); applying is one transaction, conditional on the rollout's generation and
//! on the lease's epoch. A lost race drops the plan; the next tick replans. Nothing is retried inside: the next tick is
//! the retry. Everything that a tick needs is in the database, so a killed server goes on where it was.
//!
//! | file | does |
//! |---|---|
//! | `tick` | the order of things, the lease, the demo clock |
//! | `runner` | running updates, and what becomes of them |
//! | `ask` | the deployer about running updates |
//! | `dispatch` | the last look before an update is handed to the deployer or taken by an agent |
//! | `order` | what an order says beside its build |
//! | `pulled` | updates that agents take |
//! | `apply` | a plan in one transaction |
//! | `listen` | what listening systems said of open stages, summed up |
//! | `letters` | what customers are told of it |
//!
//! Not here: the loop and its pace (`server::background::rollout_tick`), rules (`domain`).

mod apply;
mod ask;
pub(crate) mod dispatch;
mod letters;
mod listen;
pub(crate) mod order;
mod pulled;
mod runner;
mod tick;

pub(crate) use ask::{ANSWER_MAX, too_slow};
pub(crate) use letters::NewLetter;
pub use tick::TickOutcome;

/// The name under which the engine's lease and its deeds are recorded.
pub(crate) const ENGINE: &str = "engine";
