//! Pages of those who bring a build to everybody.

pub mod rollout;
pub mod rollouts;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use self::{rollout::RolloutPage, rollouts::RolloutsPage};

/// Its pages; [`open`] shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    Rollout,
    Rollouts,
}

/// What a browser loads as one begins here.
#[wasm_split(release, fallible, preload(load))]
pub fn open(page: Pages) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Pages::Rollout => RolloutPage().into_any(),
        Pages::Rollouts => RolloutsPage().into_any(),
    })
}
