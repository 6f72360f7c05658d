//! A button that opens what belongs to it in place, with the browser's own `details`: works before Wasm.
//! For confirmations ("Halt…") and for the table under a chart.

use leptos::prelude::*;

use super::button::ButtonKind;

#[component]
pub fn Disclosure(
    #[prop(into)] summary: String,
    #[prop(optional)] kind: ButtonKind,
    /// Open from the start: the form inside came back with errors.
    #[prop(optional, into)]
    open: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="disclosure" open=move || open.get()>
            <summary class=kind.class()>{summary}</summary>
            <div class="disclosure-body">{children()}</div>
        </details>
    }
}
