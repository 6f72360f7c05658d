//! Pages that stop things: halts and freezes. Both work alike: what would be stopped stands in the address, the page says
//! whom it touches, and only then it can be confirmed.

mod confirmed;
pub mod freezes;
pub mod halts;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use self::{freezes::FreezesPage, halts::HaltsPage};

/// Its pages; [`open`] shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    Freezes,
    Halts,
}

/// What a browser loads as one begins here.
#[wasm_split(stops, fallible, preload(load))]
pub fn open(page: Pages) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Pages::Freezes => FreezesPage().into_any(),
        Pages::Halts => HaltsPage().into_any(),
    })
}
