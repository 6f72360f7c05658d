//! A choice of one from a short list, as the browser's own select.

use leptos::prelude::*;

use super::field_frame::{FieldFrame, described_by, field_id};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectOption {
    pub value: String,
    pub label: String,
}

impl SelectOption {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }

    /// Each `(value, label)`, and before them `none`, which is chosen at first.
    pub fn or_none(none: &str, options: impl IntoIterator<Item = (String, String)>) -> Vec<Self> {
        let options = options.into_iter().map(|(value, label)| Self::new(value, label));
        std::iter::once(Self::new("", none)).chain(options).collect()
    }
}

#[component]
pub fn SelectField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    options: Vec<SelectOption>,
    /// The value chosen at first; the first option if it names none.
    #[prop(optional, into)]
    value: String,
    #[prop(optional, into)] hint: MaybeProp<String>,
    #[prop(optional, into)] error: MaybeProp<String>,
    #[prop(optional)] required: bool,
    /// Called with the chosen value, once the page runs.
    #[prop(optional, into)]
    on_choice: Option<Callback<String>>,
) -> impl IntoView {
    let id = field_id(&name);
    let control = id.clone();
    view! {
        <FieldFrame control=id.clone() label hint error>
            <select
                id=id
                name=name
                required=required
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=move || {
                    described_by(&control, hint.with(Option::is_some), error.with(Option::is_some))
                }
                on:change=move |event| {
                    if let Some(on_choice) = on_choice {
                        on_choice.run(event_target_value(&event));
                    }
                }
            >
                {options
                    .into_iter()
                    .map(|option| {
                        let selected = option.value == value;
                        view! {
                            <option value=option.value selected=selected>
                                {option.label}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </FieldFrame>
    }
}
