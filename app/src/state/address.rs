//! The address of the page as pages read it.

use std::str::FromStr;

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};

use crate::{params::Params, query::Query};

/// The query of the address, decoded once.
pub fn use_query() -> Memo<Query> {
    let raw = use_location().search;
    Memo::new(move |_| raw.with(|raw| Query::parse(raw)))
}

/// The filters of this page.
pub fn use_filters<P: Params + PartialEq + Send + Sync + 'static>() -> Memo<P> {
    let query = use_query();
    Memo::new(move |_| query.with(P::from_query))
}

/// The id in the path; none where the text is no id of this kind.
pub fn use_id<I: FromStr + PartialEq + Send + Sync + 'static>() -> Memo<Option<I>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get_str("id").and_then(|id| id.parse().ok())))
}

/// Path and query, to come back to.
pub fn use_here() -> Signal<String> {
    let location = use_location();
    Signal::derive(move || {
        let (path, search) = (location.pathname.get(), location.search.get());
        if search.is_empty() { path } else { format!("{path}?{search}") }
    })
}
