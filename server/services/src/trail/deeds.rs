//! What people do about a rollout beside it: its emergency path, its recoveries.

use domain::emergency::Gate;
use domain::recovery::RecoveryPath;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum EmergencyDeed {
    Requested { what: String, reason: String },
    Changed { what: String },
    Approved,
    InForce { hours: u16, owed: Vec<Gate> },
    Ended { reason: String },
    Withdrawn { reason: String },
    Expired,
    GateCompleted { gate: Gate, pass: bool, note: String },
    Reviewed,
}

impl EmergencyDeed {
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Requested { .. } => "rollout.emergency_requested",
            Self::Changed { .. } => "rollout.emergency_changed",
            Self::Approved => "rollout.emergency_approved",
            Self::InForce { .. } => "rollout.emergency_in_force",
            Self::Ended { .. } => "rollout.emergency_ended",
            Self::Withdrawn { .. } => "rollout.emergency_withdrawn",
            Self::Expired => "rollout.emergency_expired",
            Self::GateCompleted { .. } => "rollout.emergency_gate_completed",
            Self::Reviewed => "rollout.emergency_reviewed",
        }
    }

    /// `by` begins with a blank, where it names somebody.
    pub fn sentence(&self, by: &str) -> String {
        match self {
            Self::Requested { what, reason } => format!("Emergency path asked for{by}: {reason} ({what})"),
            Self::Changed { what } => format!("Emergency path asked for anew{by}: {what}"),
            Self::Approved => format!("Emergency path approved{by}"),
            Self::InForce { hours, .. } => format!("Emergency path in force for {hours} hours"),
            Self::Ended { reason } => format!("Emergency path ended{by}: {reason}"),
            Self::Withdrawn { reason } => format!("Emergency path withdrawn{by}: {reason}"),
            Self::Expired => "Emergency path expired; its review is owed".to_owned(),
            Self::GateCompleted { gate, pass, note } => {
                let result = if *pass { "passed" } else { "failed" };
                format!("Shortened {} completed out of band{by}: {result}, {note}", gate.word())
            }
            Self::Reviewed => format!("Emergency path reviewed{by}"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum RecoveryDeed {
    Proposed { path: RecoveryPath, reason: String },
    Approved { path: RecoveryPath },
    Started { path: RecoveryPath },
    Completed { path: RecoveryPath },
    Abandoned { path: RecoveryPath, reason: String },
}

impl RecoveryDeed {
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Proposed { .. } => "rollout.recovery_proposed",
            Self::Approved { .. } => "rollout.recovery_approved",
            Self::Started { .. } => "rollout.recovery_started",
            Self::Completed { .. } => "rollout.recovery_completed",
            Self::Abandoned { .. } => "rollout.recovery_abandoned",
        }
    }

    pub fn sentence(&self, by: &str) -> String {
        match self {
            Self::Proposed { path, reason } => format!("{} proposed{by}: {reason}", path.word()),
            Self::Approved { path } => format!("{} approved{by}", path.word()),
            Self::Started { path } => format!("{} started{by}", path.word()),
            Self::Completed { path } => format!("{} completed", path.word()),
            Self::Abandoned { path, reason } => format!("{} abandoned{by}: {reason}", path.word()),
        }
    }
}
