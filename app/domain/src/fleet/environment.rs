//! One environment of a customer: what it is, what it runs, when its owner lets it be updated.

pub use super::exemption::{Exemption, NotRegulated};
use crate::calendar::MaintenanceDays;
use crate::ids::EnvironmentId;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvironmentKind {
    Production,
    Sandbox,
    Trial,
}

impl EnvironmentKind {
    pub const ALL: [Self; 3] = [Self::Production, Self::Sandbox, Self::Trial];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Production => "Production",
            Self::Sandbox => "Sandbox",
            Self::Trial => "Trial",
        }
    }

    /// The day rule of the kind, before any choice of the customer (rule G4). Tiers 4 and 5 are the performance
    /// sandboxes, which the published schedule treats like production.
    pub const fn default_days(self, tier: u8) -> MaintenanceDays {
        match self {
            Self::Production => MaintenanceDays::Weekend,
            Self::Sandbox if tier >= 4 => MaintenanceDays::Weekend,
            Self::Sandbox | Self::Trial => MaintenanceDays::AnyNight,
        }
    }
}

/// With whom an environment is updated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "with", rename_all = "snake_case")]
pub enum Designation {
    /// The usual order: sandboxes first, production at least the gap later.
    Standard,
    /// Early opt-in: a sandbox goes with station 1, a production environment first in its station.
    Early,
    /// Sandbox sync designation: this sandbox is updated with `production`.
    WithProduction { production: EnvironmentId },
}
