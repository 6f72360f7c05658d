//! Links that show another cut of the same page: all, upcoming, moved. Links, not tabs: each has its own address.

use leptos::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabItem {
    pub href: String,
    pub label: String,
    pub count: Option<u64>,
    pub current: bool,
}

#[component]
pub fn NavTabs(
    /// What the links choose, for screen readers: "Which notifications".
    #[prop(into)]
    label: String,
    items: Vec<TabItem>,
) -> impl IntoView {
    view! {
        <nav class="nav-tabs" aria-label=label>
            <ul role="list">
                {items
                    .into_iter()
                    .map(|item| {
                        view! {
                            <li>
                                <a href=item.href aria-current=item.current.then_some("page")>
                                    {item.label}
                                    {item.count.map(|count| view! { <span class="tab-count">{count}</span> })}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}
