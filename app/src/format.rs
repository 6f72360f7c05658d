//! Numbers for people. Instants come from the server as finished texts; the browser has no time-zone tables.

pub use domain::number::{counted, grouped as count};
