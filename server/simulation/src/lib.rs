//! The whole system under virtual time, from one seed: the real planner, services and store, simulated agents, people,
//! listeners, and one to three servers over one database, with faults. After each step the invariants are checked; the same
//! seed gives the same history. A discrete-event loop on one thread: one thing is awaited at a time.
//!
//! | module | holds |
//! |---|---|
//! | [`options`], [`report`], [`run`] | what is asked, what is said, the loop between |
//! | `world` | fleet, trains and staff from the seed |
//! | `server`, `agents`, `pulling`, `listening`, `people`, `receivers` | who acts |
//! | `faults` | what goes wrong |
//! | `watch`, `ways`, `invariants`, `probes` | what is looked at, and what has to hold |
//! | `shrink` | the shortest history that leads to a violation |
//! | `thread` | the one that a simulation runs on |
//!
//! One seed: `signalbox simulate`. A fixed list of seeds in every test run: `tests/seeds.rs`. Seed after seed, with fleets
//! of 20 to 2,000, for as long as there is time: `cargo xtask simulate --hours N`.
//!
//! The database is SQLite in memory, on one connection (`store::Db::in_memory`). It answers from a thread of its own, as fast
//! as the machine lets it. Nothing may depend on that: of several things that a server does at once only one is ever between
//! two answers (`faults::gate`).
//!
//! Not here: rules (`domain`), a fake of anything that the product has. What is simulated stands behind a port: clocks, ids,
//! the deployer, and the interrupts of the store.

mod agents;
mod error;
mod faults;
mod history;
mod invariants;
mod listening;
pub mod options;
mod people;
mod probes;
mod pulling;
mod receivers;
pub mod report;
pub mod run;
mod server;
mod shrink;
mod thread;
mod time;
mod watch;
mod ways;
mod world;

pub use error::Error;
pub use options::{Family, Options, Planted};
pub use report::{Report, Violation};
pub use run::{simulate, simulate_aloud};
pub use shrink::shortest;
pub use thread::alone;

pub type Result<T, E = Error> = std::result::Result<T, E>;
