//! What listening systems say: incidents, and samples of how environments are used. What follows from them are rules of
//! the domain (`health::incident`, `health::listening`).
//! Not here: HTTP, tokens (`token`).

mod incident;
mod policy;
mod samples;

pub use incident::{GivenIncident, IncidentAnswer, IncidentOutcome, IncidentRefused};
pub use policy::{incident_policy, set_incident_policy};
pub use samples::SampleRefused;
