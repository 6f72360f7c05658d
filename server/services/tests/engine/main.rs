//! The engine over the demo fleet: the real services on a real database file, the simulated deployer, and a clock that
//! the test moves.

#![expect(clippy::unwrap_used, reason = "a world that cannot be set up is a failed test")]

mod deployer;
mod halting;
mod restart;
mod two_servers;
mod whole_train;
mod world;
