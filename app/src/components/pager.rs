//! Moving through a list that is paged by key: back to the start, and on. There is no page number to jump to, because
//! the list may change while it is read.

use leptos::prelude::*;

#[component]
pub fn Pager(
    /// "50 of 4,826 environments".
    #[prop(into)]
    summary: String,
    /// Where the list starts; none on its first page.
    first: Option<String>,
    /// The page after this; none on the last.
    next: Option<String>,
) -> impl IntoView {
    view! {
        <nav class="pager" aria-label="Pages">
            <p class="pager-summary">{summary}</p>
            {first
                .map(|href| {
                    view! {
                        <a class="button" href=href rel="first">
                            "First page"
                        </a>
                    }
                })}
            {next
                .map(|href| {
                    view! {
                        <a class="button" href=href rel="next">
                            "Next page"
                        </a>
                    }
                })}
        </nav>
    }
}
