//! Pages for when something went wrong: the emergency path of a rollout, the ways out of a halt, flights.

pub mod emergency;
pub mod flights;
pub mod ways;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use self::{emergency::EmergencyPage, flights::FlightsPage, ways::RecoveryPage};

/// Its pages; [`open`] shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    Emergency,
    Flights,
    Recovery,
}

/// What a browser loads as one begins here.
#[wasm_split(recovery, fallible, preload(load))]
pub fn open(page: Pages) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Pages::Emergency => EmergencyPage().into_any(),
        Pages::Flights => FlightsPage().into_any(),
        Pages::Recovery => RecoveryPage().into_any(),
    })
}
