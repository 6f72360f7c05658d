//! A form that changes something. Without Wasm the browser sends it and is led back to the page; with Wasm the same fields
//! go to the same address, and the answer comes back without leaving the page. Unlike `ActionForm` it does not decode what
//! it sends, so it is one form for all of them.

use leptos::{ev::SubmitEvent, prelude::*};

use crate::{components::ErrorSummary, state::form::Form};

#[component]
pub fn PostForm(form: Form, #[prop(default = "stack")] class: &'static str, children: Children) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        #[cfg(feature = "hydrate")]
        if let Some(fields) = fields(&event) {
            event.prevent_default();
            form.send(fields);
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = (form, event);
    };
    form.drawn();
    on_cleanup(move || form.gone());
    view! {
        <form method="post" action=form.address() class=class novalidate=true on:submit=submit>
            <ErrorSummary errors=form.errors() node_ref=form.summary() />
            {children()}
        </form>
    }
}

/// What the form holds, as a browser would send it.
#[cfg(feature = "hydrate")]
fn fields(event: &SubmitEvent) -> Option<String> {
    use wasm_bindgen::JsCast;

    let form = event.target()?.dyn_into::<web_sys::HtmlFormElement>().ok()?;
    let data = web_sys::FormData::new_with_form(&form).ok()?;
    web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?.to_string().as_string()
}
