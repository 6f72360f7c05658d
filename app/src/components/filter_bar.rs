//! The filters of a list: a form that asks for the same page with other words in the address, so that every view is a URL.
//! Fields are the page's (`Field`, `SelectField`); the button works without Wasm and is what Enter presses.

use leptos::prelude::*;

use super::button::{Button, ButtonKind};

#[component]
pub fn FilterBar(
    /// The page itself.
    #[prop(into)]
    action: String,
    /// What is searched, for screen readers: "Environments".
    #[prop(into)]
    label: String,
    /// Address of the list without filters; shown when there are any.
    #[prop(optional_no_strip)]
    clear: Option<String>,
    #[prop(default = "Show".to_owned(), into)] submit: String,
    children: Children,
) -> impl IntoView {
    view! {
        <form class="filter-bar" method="get" action=action role="search" aria-label=label>
            {children()}
            <div class="filter-actions">
                <Button kind=ButtonKind::Main>{submit}</Button>
                {clear
                    .map(|href| {
                        view! {
                            <a class="button plain" href=href>
                                "Clear filters"
                            </a>
                        }
                    })}
            </div>
        </form>
    }
}
