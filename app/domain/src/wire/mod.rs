//! What crosses the network: what pages ask for, what they show (the views), and the closed words (`signal`).
//! Views carry finished texts: the server knows the viewer's zone, the browser has no time-zone tables.
//! Not here: rules. A view is filled by `services` from the planner's report and the rows of the store.

pub mod calendar;
pub mod deployment;
pub mod emergency;
pub mod environment;
pub mod exemption;
pub mod flight;
pub mod freeze;
pub mod halt;
pub mod incident;
pub mod live;
pub mod notification;
pub mod plan;
pub mod problem;
pub mod recovery;
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
    /// From when on it can change, where a date of its own says so: `from Sat 17 Oct 2026, 00:00 CEST`.
    pub next: Option<String>,
    /// What the reader can do, and the part of the environment's page on which it is done.
    pub way_out: Option<(String, Option<String>)>,
}

impl WhyView {
    /// A reason that settles by itself.
    pub const fn plain(aspect: Aspect, text: String) -> Self {
        Self { aspect, text, next: None, way_out: None }
    }
}

/// Rows shown on one page of a list.
pub const PAGE_ROWS_MAX: u64 = 50;
