//! Choosing by radio cards, and single check boxes. The effect of each choice stands in its card before it is made.

use leptos::prelude::*;

use super::field_frame::{FieldError, error_id, field_id};

/// A group of [`Choice`] cards with its question as the legend.
#[component]
pub fn ChoiceGroup(
    /// The form name shared by the cards; the error summary links to it.
    #[prop(into)]
    name: String,
    #[prop(into)] legend: String,
    #[prop(optional, into)] error: MaybeProp<String>,
    /// The panel's title already asks the question: keep the legend for screen readers only.
    #[prop(optional)]
    legend_hidden: bool,
    children: Children,
) -> impl IntoView {
    let id = field_id(&name);
    let control = id.clone();
    view! {
        <fieldset
            class="field"
            id=id
            tabindex="-1"
            aria-describedby=move || error.with(Option::is_some).then(|| error_id(&control))
        >
            <legend class=if legend_hidden { "visually-hidden" } else { "" }>{legend}</legend>
            <FieldError control=id.clone() error />
            <div class="choices">{children()}</div>
        </fieldset>
    }
}

#[component]
pub fn Choice(
    #[prop(into)] name: String,
    #[prop(into)] value: String,
    #[prop(into)] title: String,
    /// What choosing it means.
    #[prop(into)]
    text: String,
    #[prop(optional)] checked: bool,
    #[prop(optional)] disabled: bool,
    /// Called with the value when it is chosen, once the page runs.
    #[prop(optional, into)]
    on_choice: Option<Callback<String>>,
) -> impl IntoView {
    let chosen = value.clone();
    view! {
        <label class="choice">
            <input
                type="radio"
                name=name
                value=value
                checked=checked
                disabled=disabled
                on:change=move |_| {
                    if let Some(on_choice) = on_choice {
                        on_choice.run(chosen.clone());
                    }
                }
            />
            <span>
                <strong>{title}</strong>
                <span class="choice-text">{text}</span>
            </span>
        </label>
    }
}

/// A box that is off or on. An unchecked box sends nothing at all, so its field needs a serde default.
#[component]
pub fn CheckBox(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(default = "true".to_owned(), into)] value: String,
    #[prop(optional)] checked: bool,
    #[prop(optional, into)] error: MaybeProp<String>,
) -> impl IntoView {
    let id = field_id(&format!("{name} {value}"));
    let control = id.clone();
    view! {
        <div class="field">
            <label class="check" for=id.clone()>
                <input
                    id=id.clone()
                    type="checkbox"
                    name=name
                    value=value
                    checked=checked
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=move || error.with(Option::is_some).then(|| error_id(&control))
                />
                <span>{label}</span>
            </label>
            <FieldError control=id error />
        </div>
    }
}
