//! The shape of a table that is still being fetched, of the height it will have, so that nothing jumps.

use leptos::prelude::*;

#[component]
pub fn Skeleton(
    /// As many rows as are expected.
    #[prop(default = 8)]
    rows: usize,
    /// What is being loaded: "Environments".
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="visually-hidden">{format!("Loading {label}")}</span>
            {(0..rows)
                .map(|_| view! { <span class="skeleton-row" aria-hidden="true"></span> })
                .collect_view()}
        </div>
    }
}
