//! Incidents against builds: listening systems open them, people of the vendor report them, staff look at them. Whether one
//! halts a build is a rule of the domain (`health::incident`).
//! Not here: samples of telemetry (`signal`); lifting what an incident halted (`halt`).

mod list;
mod open;
mod policy;
mod report;

pub use open::{GivenIncident, IncidentAnswer, IncidentOutcome, IncidentRefused};
pub use policy::{incident_policy, set_incident_policy};
pub use report::IncidentForm;
