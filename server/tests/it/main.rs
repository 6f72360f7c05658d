//! The whole application over HTTP, without a socket: the real router, a temporary database, clocks that the test moves.

#![recursion_limit = "256"]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails there")]

mod access;
mod api;
mod assets;
mod browser;
mod csrf;
mod events;
mod forms;
mod harness;
mod headers;
mod hostile;
mod plan;
mod planning;
mod session;
mod sign_in;
mod stops;
mod tenants;
