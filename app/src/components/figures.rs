//! A few large values with what they mean under them. For a number that answers the page's question; not decoration.

use leptos::prelude::*;

#[component]
pub fn Figures(children: Children) -> impl IntoView {
    view! { <dl class="figures">{children()}</dl> }
}

#[component]
pub fn Figure(
    #[prop(into)] value: String,
    /// What the value is; children may add a link or a second line.
    #[prop(into)]
    label: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div>
            <dt>{label} {children.map(|children| view! { <span class="figure-more">{children()}</span> })}</dt>
            <dd>{value}</dd>
        </div>
    }
}
