//! Health of a stage as a policy. Verdicts have three values, and only pass moves on: silence is never health.
//!
//! | file | holds |
//! |---|---|
//! | [`policy`] | what an operator can tune, its bounds and the values that older policies lack |
//! | [`sequential`] | the test on failures that may be looked at as often as one likes |
//! | [`telemetry`] | samples of listening systems, hours, and how two reports of one hour become one |
//! | [`listening`] | what the hours of a stage say: coverage, age, errors, silence, covered bake |
//! | [`finding`] | one measured thing with its verdict |
//! | [`gate`] | all findings of a stage as one report |
//! | [`incident`] | incidents of listening systems, and from when on they halt a build |
//!
//! What does not belong here: who is due (the planner counts that), storage, and the halt itself.

pub mod finding;
pub mod gate;
pub mod incident;
pub mod listening;
pub mod policy;
pub mod sequential;
pub mod telemetry;
mod words;

pub use finding::{FailureEvidence, Finding, Measure, Verdict};
pub use gate::{GateReport, StageEvidence};
pub use incident::{IncidentPolicy, KnownIncident, Raised};
pub use policy::{GatePolicy, OutOfBounds, PolicyField, TelemetryPolicy};
pub use sequential::{Evidence, FailureTest, Level, Outcome, ReportCounts, Settled};
pub use telemetry::{Hour, HourSample, Sample, SampleError, StageHour, StageTelemetry, UncheckedSample};
