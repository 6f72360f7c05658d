//! The head of a page: where it belongs, its one `h1`, what it is about, what can be done.

use leptos::{children::ViewFnOnce, prelude::*};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    pub href: String,
    pub label: String,
}

impl Crumb {
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: href.into(), label: label.into() }
    }
}

#[component]
pub fn PageHeader(
    #[prop(into)] title: Signal<String>,
    /// From the list this page belongs to; the page itself is not repeated.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// Beside the title: a version.
    #[prop(optional, into)]
    beside: Option<ViewFnOnce>,
    /// Under the title: state, freshness, one sentence.
    #[prop(optional, into)]
    sub: Option<ViewFnOnce>,
    #[prop(optional, into)] actions: Option<ViewFnOnce>,
) -> impl IntoView {
    view! {
        <div class="page-head">
            <div class="page-title">
                {(!crumbs.is_empty()).then(|| view! { <Crumbs crumbs /> })} <div class="page-name">
                    <h1>{move || title.get()}</h1>
                    {beside.map(ViewFnOnce::run)}
                </div> {sub.map(|sub| view! { <div class="page-sub">{sub.run()}</div> })}
            </div>
            {actions.map(|actions| view! { <div class="actions">{actions.run()}</div> })}
        </div>
    }
}

#[component]
fn Crumbs(crumbs: Vec<Crumb>) -> impl IntoView {
    view! {
        <nav class="crumbs" aria-label="Where this page belongs">
            <ol role="list">
                {crumbs
                    .into_iter()
                    .map(|crumb| {
                        view! {
                            <li>
                                <a href=crumb.href>{crumb.label}</a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        </nav>
    }
}
