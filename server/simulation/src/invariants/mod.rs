//! What has to hold, whatever happens: pure functions of what was seen to what is wrong with it. Written from the rules,
//! not from the planner: nothing of it is asked here.
//!
//! | file | holds |
//! |---|---|
//! | `hours` | dark hours and days, worked out anew |
//! | `touches` | I1, I4–I8, I19 and G6, S2, S4, S5, C1 (share): what an agent accepted |
//! | `stages` | I2, I11, G1: what opened and passed |
//! | `caps` | I3, I4: what runs at once |
//! | `records` | I9, I13: every change along an edge, with its audit record |
//! | `letters` | I10: one letter for each fact |
//! | `order` | G2, G3, G5: whose turn it was |
//! | `progress` | I15: nothing that may start waits |
//! | `later` | I17, I18: their place |
//!
//! I12, I14, I16, I19 (calendar) and the chain of I9 are asked of the services: `probes`. I10 of the live events is in
//! `receivers`, I20 in `run`. S1 and S3 are not checked: the planner does not hold them yet.

pub mod caps;
pub mod hours;
pub mod later;
pub mod letters;
pub mod order;
pub mod progress;
pub mod records;
#[cfg(test)]
mod scene;
pub mod stages;
#[cfg(test)]
mod tests;
pub mod touches;

use crate::watch::{Seen, Step};

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// `I5`, `G3`
    pub invariant: &'static str,
    pub what: String,
}

impl Found {
    pub fn new(invariant: &'static str, what: impl Into<String>) -> Self {
        Self { invariant, what: what.into() }
    }
}

/// Everything that can be seen of one step. `seen` is the database after it.
pub fn check(seen: &Seen, step: &Step) -> Vec<Found> {
    let mut found = Vec::new();
    touches::check(seen, step, &mut found);
    stages::check(seen, step, &mut found);
    caps::check(seen, step, &mut found);
    records::check(seen, step, &mut found);
    letters::check(seen, step, &mut found);
    order::check(seen, step, &mut found);
    found
}
