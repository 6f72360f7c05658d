//! What crosses the network: what pages ask for, what they show (the views), and the closed words (`signal`).
//! Views carry finished texts: the server knows the viewer's zone, the browser has no time-zone tables.
//! Not here: rules. A view is filled by `services` from the planner's report and the rows of the store.

pub mod calendar;
pub mod deployment;
pub mod environment;
pub mod live;
pub mod notification;
pub mod problem;
pub mod rollout;
pub mod shell;
pub mod signal;

use serde::{Deserialize, Serialize};
use signal::Aspect;

/// One sentence of the planner's report, with the signal that goes before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyView {
    pub aspect: Aspect,
    pub text: String,
}

/// Rows shown on one page of a list.
pub const PAGE_ROWS_MAX: u64 = 50;
