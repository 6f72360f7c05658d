//! The way around: sections of links, folded behind a button where there is no room beside the page.
//!
//! The fold is a native popover: one list in the document, closed with Escape or a click elsewhere, and working before and
//! without Wasm. From 900 px on the style sheet shows the same element as a column.

use leptos::prelude::*;

use super::icon::{Icon, IconName};
use crate::components::panel::slug;

/// The popover that the menu button opens.
pub(super) const RAIL_ID: &str = "rail";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    pub href: String,
    pub label: String,
    pub icon: IconName,
    pub current: bool,
    /// Waiting for this reader; not shown when there is none.
    pub count: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavSection {
    pub title: String,
    pub items: Vec<NavItem>,
}

/// The name and its sign: a lamp over a rail. Links to where the reader starts.
#[component]
pub(super) fn Brand() -> impl IntoView {
    view! {
        // The server answers `/` by role; the router has no page there.
        <a class="brand" href="/" rel="external">
            <svg viewBox="0 0 22 22" width="22" height="22" aria-hidden="true">
                <rect class="brand-ground" x="1" y="1" width="20" height="20" rx="5"></rect>
                <path class="brand-ink" d="M5 14h12v2H5zM11 5a3 3 0 1 1 0 6a3 3 0 0 1 0-6z"></path>
            </svg>
            "Signalbox"
        </a>
    }
}

#[component]
pub(super) fn Rail(nav: Signal<Vec<NavSection>>) -> impl IntoView {
    view! {
        <nav
            class="rail"
            id=RAIL_ID
            popover="auto"
            aria-label="Main"
            on:click=|_| {
                #[cfg(feature = "hydrate")]
                close();
            }
        >
            <Brand />
            {move || {
                nav.get().into_iter().map(|section| view! { <RailSection section /> }).collect_view()
            }}
        </nav>
    }
}

#[component]
fn RailSection(section: NavSection) -> impl IntoView {
    let id = format!("rail-{}", slug(&section.title));
    view! {
        <div class="rail-section">
            // Not a heading: the outline of a page begins with its `h1`.
            <p class="rail-title" id=id.clone()>
                {section.title}
            </p>
            <ul role="list" aria-labelledby=id>
                {section.items.into_iter().map(|item| view! { <RailItem item /> }).collect_view()}
            </ul>
        </div>
    }
}

#[component]
fn RailItem(item: NavItem) -> impl IntoView {
    view! {
        <li>
            <a href=item.href aria-current=item.current.then_some("page")>
                <Icon name=item.icon />
                <span>{item.label}</span>
                {item
                    .count
                    .filter(|count| *count > 0)
                    .map(|count| {
                        view! {
                            <span class="count">
                                {count} <span class="visually-hidden">" waiting"</span>
                            </span>
                        }
                    })}
            </a>
        </li>
    }
}

/// The router changes the page without loading it, so nothing else would fold the menu after a link was followed.
#[cfg(feature = "hydrate")]
fn close() {
    use wasm_bindgen::JsCast;
    if let Some(rail) =
        document().get_element_by_id(RAIL_ID).and_then(|rail| rail.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = rail.hide_popover();
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn the_current_page_is_named_and_counts_are_words() {
        Owner::new().with(|| {
            let item = |label: &str, current, count| NavItem {
                href: format!("/{label}"),
                label: label.into(),
                icon: IconName::Bell,
                current,
                count,
            };
            let items = vec![item("notifications", true, Some(3)), item("calendar", false, Some(0))];
            let nav = Signal::stored(vec![NavSection { title: "My estate".into(), items }]);
            let html = view! { <Rail nav /> }.to_html();
            assert_eq!(html.matches(r#"aria-current="page""#).count(), 1, "{html}");
            assert_eq!(html.matches("waiting").count(), 1, "{html}");
            assert!(html.contains(r#"popover="auto""#) && html.contains("My estate"), "{html}");
        });
    }
}
