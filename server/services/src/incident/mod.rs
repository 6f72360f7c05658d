//! Incidents against builds: listening systems open them, people report them, staff look at them. Whether one halts a build
//! is a rule of the domain (`health::incident`).
//! Not here: samples of telemetry, the policy (`signal`); lifting what an incident halted (`halt`).

mod list;
mod open;
mod report;

pub use open::{GivenIncident, IncidentAnswer, IncidentOutcome, IncidentRefused};
pub use report::IncidentForm;

/// Characters of what an incident is called, and of what was found.
pub const NAME_CHARS_MAX: usize = 120;
pub const FINDING_CHARS_MAX: usize = 500;
