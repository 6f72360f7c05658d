//! Pages of the support desk: what runs where, and what is wrong with it. One environment is in its own area, [`environment`](super::environment).

pub mod deployments;
pub mod incidents;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use self::{deployments::DeploymentsPage, incidents::IncidentsPage};

/// Its pages; [`open`] shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    Deployments,
    Incidents,
}

/// What a browser loads as one begins here.
#[wasm_split(support, fallible, preload(load))]
pub fn open(page: Pages) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Pages::Deployments => DeploymentsPage().into_any(),
        Pages::Incidents => IncidentsPage().into_any(),
    })
}
