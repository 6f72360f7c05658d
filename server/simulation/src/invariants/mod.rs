//! What has to hold, whatever happens: pure functions of what was seen to what is wrong with it. Written from the rules,
//! not from the planner: nothing of it is asked here.
//!
//! | file | holds |
//! |---|---|
//! | `hours` | dark hours and days, worked out anew |
//! | `rules` | what the rules say of one environment, worked out anew |
//! | `touches` | I1, I4–I8, I19 and G6, S1–S5, C1 (share): what an agent accepted |
//! | `starts` | the same and I2, I17, I20, H1, H2, S1, S3, freezes: what a plan starts, by its server's clock |
//! | `nights` | G3, G4, N1, R1, freezes: what is promised, and why it is moved |
//! | `standing` | G5, G6, S1–S5, C1: who is aboard, who is left out and why; nobody is forgotten (I15) |
//! | `halts` | H1, H2: what stands, and who lets it go on |
//! | `harm` | I17: how much may come to harm |
//! | `live` | I10: live events, and the letters that a halt owes |
//! | `stages` | I2, I11, G1: what opened and passed |
//! | `caps` | I3, I4: what runs at once |
//! | `records` | I9, I13: every change along an edge, with its audit record |
//! | `letters` | I10: one letter for each fact |
//! | `order` | G2, G3: whose turn it was |
//! | `progress`, `overdue` | I15: nothing that may happen waits |
//! | `watched` | I2 where gates look at telemetry: covered time, requests, silence; H1 where a stage that passed fails |
//! | `emergencies` | I18, E1: who approved what, for how long, what it owes; what it shortens is judged where it is used |
//! | `recoveries` | I7, I8, I11, H1: who approved what, from which build to which; no way out lifts a halt |
//! | `pulls` | PULL: what an owner takes ahead, and what becomes of it |
//! | `exemptions` | S2, I11: who granted what, until when, who was reminded |
//!
//! I12, I14, I16, I19 (calendar) and the chain of I9 are asked of the services: `probes`. That every listener hears every
//! live event (I10) is in `receivers`; I20 (calls) and I4 (lease) are in `run`.

pub mod caps;
pub mod emergencies;
pub mod exemptions;
pub mod halts;
pub mod harm;
pub mod hours;
pub mod letters;
pub mod live;
pub mod nights;
pub mod order;
pub mod overdue;
#[cfg(test)]
mod plan_tests;
pub mod progress;
pub mod pulls;
#[cfg(test)]
mod pulls_tests;
pub mod records;
pub mod recoveries;
pub mod rules;
#[cfg(test)]
mod scene;
pub mod stages;
pub mod standing;
pub mod starts;
#[cfg(test)]
mod tests;
pub mod touches;
pub mod watched;
#[cfg(test)]
mod ways_tests;

use crate::watch::{Seen, Step};
use chrono::{DateTime, Utc};

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
    starts::check(seen, step, &mut found);
    nights::check(seen, step, &mut found);
    standing::check(seen, step, &mut found);
    halts::check(seen, step, &mut found);
    live::check(seen, step, &mut found);
    emergencies::check(seen, step, &mut found);
    recoveries::check(seen, step, &mut found);
    pulls::check(seen, step, &mut found);
    exemptions::check(seen, step, &mut found);
    found
}

/// Every third day, where nothing goes wrong: what the passing of time has to bring.
pub fn overdue_ways(seen: &Seen, now: DateTime<Utc>) -> Vec<Found> {
    let mut found = emergencies::overdue(seen, now);
    found.extend(recoveries::overdue(seen));
    found.extend(exemptions::overdue(seen, now));
    found
}
