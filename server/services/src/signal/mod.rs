//! What listening systems say of how environments are used, and from which severity on incidents halt. What follows are
//! rules of the domain (`health::listening`, `health::incident`).
//! Not here: HTTP, tokens (`token`), incidents (`incident`).

mod policy;
mod samples;

pub use policy::{incident_policy, set_incident_policy};
pub use samples::SampleRefused;
