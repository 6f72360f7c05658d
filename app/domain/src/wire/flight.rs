//! Flights: the switches that guard changes, and how each stands.

use super::signal::{Aspect, ColourRole, When};
use crate::ids::FlightId;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FlightsParams {
    /// The one that is looked at.
    pub flight: Option<FlightId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlightRow {
    pub id: FlightId,
    pub key: String,
    pub title: String,
    pub owner: String,
    pub build: String,
    pub is_on: bool,
    /// `Off, but on for 2 customers`
    pub state: String,
    pub aspect: Aspect,
    pub role: ColourRole,
    pub remove_on: String,
    pub is_overdue: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchRow {
    pub at: When,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlightsView {
    pub rows: Vec<FlightRow>,
    /// The one that is looked at, with what was done to it, newest first.
    pub chosen: Option<(FlightRow, Vec<SwitchRow>)>,
    /// How environments learn of a switch; empty where they are told at once.
    pub learnt: String,
    pub may_turn: bool,
}
