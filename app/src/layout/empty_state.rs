//! Nothing to show, said on purpose: what would stand here, and what the reader can do.

use leptos::prelude::*;

use super::icon::{Icon, IconName};

#[component]
pub fn EmptyState(
    icon: IconName,
    /// "No environment matches".
    #[prop(into)]
    title: String,
    /// What would stand here, or what to change.
    #[prop(into)]
    text: String,
    /// A link or button, where something can be done.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name=icon />
            <p class="empty-title">{title}</p>
            <p>{text}</p>
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </div>
    }
}
