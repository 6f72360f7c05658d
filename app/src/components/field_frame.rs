//! What every form field has around its control: label above, hint under it, error beside it, and the ids that tie them
//! together. Controls themselves live in `field`, `select_field`, `text_area`.

use domain::wire::signal::Aspect;
use leptos::prelude::*;

use super::{panel::slug, signal::SignalMark};

/// The id of a control, from its form name. The error summary links to it.
pub fn field_id(name: &str) -> String {
    format!("field-{}", slug(name))
}

pub(crate) fn hint_id(control: &str) -> String {
    format!("{control}-hint")
}

pub(crate) fn error_id(control: &str) -> String {
    format!("{control}-error")
}

/// `aria-describedby` of a control: error first, because it is what must be heard.
pub(crate) fn described_by(control: &str, has_hint: bool, has_error: bool) -> Option<String> {
    match (has_error, has_hint) {
        (true, true) => Some(format!("{} {}", error_id(control), hint_id(control))),
        (true, false) => Some(error_id(control)),
        (false, true) => Some(hint_id(control)),
        (false, false) => None,
    }
}

#[component]
pub(crate) fn FieldFrame(
    /// The control's id.
    control: String,
    label: String,
    hint: MaybeProp<String>,
    error: MaybeProp<String>,
    children: Children,
) -> impl IntoView {
    let hint_id = hint_id(&control);
    view! {
        <div class="field">
            <label for=control.clone()>{label}</label>
            {children()}
            <FieldError control error />
            {move || {
                hint.get()
                    .map(|hint| {
                        view! {
                            <p class="field-hint" id=hint_id.clone()>
                                {hint}
                            </p>
                        }
                    })
            }}
        </div>
    }
}

/// The error of one field, as text with the stop shape; red is never alone.
#[component]
pub(crate) fn FieldError(control: String, error: MaybeProp<String>) -> impl IntoView {
    let id = error_id(&control);
    move || {
        error.get().map(|error| {
            view! {
                <p class="field-error" id=id.clone()>
                    <SignalMark aspect=Aspect::Stop />
                    <span>{error}</span>
                </p>
            }
        })
    }
}
