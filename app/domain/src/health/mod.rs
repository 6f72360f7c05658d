//! Health of a stage as a policy. Verdicts have three values, and only pass moves on: silence is never health.

pub mod gate;

pub use gate::{GatePolicy, GateReport, StageEvidence, Verdict};
