//! One environment of a customer: what it is, what it runs, when its owner lets it be updated.

use crate::calendar::MaintenanceDays;
use crate::ids::EnvironmentId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

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

/// Granted to regulated customers only (rule S2), by [`Exemption::grant`]. Always ends. Only the demo seed grants any so
/// far; there is no page for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exemption {
    pub reason: String,
    pub evidence: String,
    pub expires_at: DateTime<Utc>,
}

/// Why an exemption is not granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Only a regulated customer can be exempt from quality updates.")]
pub struct NotRegulated;

impl Exemption {
    /// The one way to a new exemption. `regulated` is the customer's.
    pub fn grant(
        regulated: bool,
        reason: String,
        evidence: String,
        expires_at: DateTime<Utc>,
    ) -> Result<Self, NotRegulated> {
        if !regulated {
            return Err(NotRegulated);
        }
        Ok(Self { reason, evidence, expires_at })
    }

    pub fn holds_at(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_regulated_customer_is_exempt() {
        let grant = |regulated| Exemption::grant(regulated, "GxP".into(), "VP-1".into(), DateTime::UNIX_EPOCH);
        assert_eq!(grant(false), Err(NotRegulated));
        assert!(grant(true).is_ok());
    }
}
