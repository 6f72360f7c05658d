//! Stations and stages: where in the fleet, and for whom.

use super::environment::{Designation, EnvironmentKind};
use serde::{Deserialize, Serialize};
use std::fmt;

/// 1 is the opt-in station; trains visit stations in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StationNumber(pub u8);

impl StationNumber {
    /// Opted-in environments only, whatever their region; sandboxes only.
    pub const OPT_IN: Self = Self(1);
    /// The last that a catalogue may have: a page of a rollout has a form for each.
    pub const MAX: Self = Self(9);
}

/// The station at which trains meet an environment: the opt-in station for an early sandbox, else the one of its
/// region. `None` where its region has none; nothing is guessed (rule S5).
pub const fn station_of(
    kind: EnvironmentKind,
    designation: Designation,
    of_region: Option<StationNumber>,
) -> Option<StationNumber> {
    match (kind, designation) {
        (EnvironmentKind::Sandbox, Designation::Early) => Some(StationNumber::OPT_IN),
        _ => of_region,
    }
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
    pub const fn of(kind: EnvironmentKind) -> Self {
        match kind {
            EnvironmentKind::Production => Self::Production,
            EnvironmentKind::Sandbox | EnvironmentKind::Trial => Self::Sandbox,
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    /// The database places all environments at once by this: either the region does not matter, or it alone does.
    #[test]
    fn a_station_is_the_opt_in_station_or_the_regions() {
        let production = crate::ids::EnvironmentId::new(uuid::Uuid::nil());
        let choices = [Designation::Standard, Designation::Early, Designation::WithProduction { production }];
        for (kind, choice) in EnvironmentKind::ALL.into_iter().flat_map(|kind| choices.map(|choice| (kind, choice))) {
            let early = kind == EnvironmentKind::Sandbox && choice == Designation::Early;
            let expected = if early { StationNumber::OPT_IN } else { StationNumber(4) };
            assert_eq!(station_of(kind, choice, Some(StationNumber(4))), Some(expected));
            assert_eq!(station_of(kind, choice, None), early.then_some(StationNumber::OPT_IN));
        }
    }
}
