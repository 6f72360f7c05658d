//! A button that opens what belongs to it in place, with the browser's own `details`: works before Wasm.
//! For confirmations ("Halt…") and for the table under a chart.

use leptos::{ev::Event, prelude::*};
#[cfg(feature = "hydrate")]
use wasm_bindgen::JsCast;

use super::button::ButtonKind;

#[component]
pub fn Disclosure(
    #[prop(into)] summary: String,
    #[prop(optional)] kind: ButtonKind,
    /// Whether it is open, kept by the page: what is drawn again would close what the reader opened.
    open: RwSignal<bool>,
    children: Children,
) -> impl IntoView {
    let toggled = move |event: Event| {
        #[cfg(feature = "hydrate")]
        if let Some(details) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
            open.try_set(details.has_attribute("open"));
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    };
    view! {
        <details class="disclosure" open=move || open.get() on:toggle=toggled>
            <summary class=kind.class()>{summary}</summary>
            <div class="disclosure-body">{children()}</div>
        </details>
    }
}
