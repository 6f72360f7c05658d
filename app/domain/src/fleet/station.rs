//! Stations and stages: where in the fleet, and for whom.

use serde::{Deserialize, Serialize};
use std::fmt;

/// 1 is the opt-in station; trains visit stations in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StationNumber(pub u8);

impl StationNumber {
    /// Opted-in environments only, whatever their region; sandboxes only.
    pub const OPT_IN: Self = Self(1);
}

impl fmt::Display for StationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Trials and sandboxes of every tier are one audience; production is the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Sandbox,
    Production,
}

impl Audience {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sandbox => "Sandbox",
            Self::Production => "Production",
        }
    }
}

/// One station, one audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StageKey {
    pub station: StationNumber,
    pub audience: Audience,
}

impl fmt::Display for StageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Station {} · {}", self.station, self.audience.word())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Station {
    pub number: StationNumber,
    pub name: String,
    pub opt_in: bool,
}
