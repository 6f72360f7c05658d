//! Exemptions for staff: the list, and one with what is decided about it.

mod exemption;
mod exemptions;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use self::{exemption::ExemptionPage, exemptions::ExemptionsPage};

/// Its pages; [`open`] shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    Exemption,
    Exemptions,
}

/// What a browser loads as one begins here.
#[wasm_split(exceptions, fallible, preload(load))]
pub fn open(page: Pages) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Pages::Exemption => ExemptionPage().into_any(),
        Pages::Exemptions => ExemptionsPage().into_any(),
    })
}
