//! One-line fields. What was typed stays: pass it back as `value` when the form is shown again with errors
//! (a password is never passed back).

use leptos::prelude::*;

use super::field_frame::{FieldFrame, described_by, field_id};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldKind {
    #[default]
    Text,
    Email,
    Password,
    Search,
    Number,
    Date,
    DateTime,
    Url,
}

impl FieldKind {
    const fn input_type(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
            Self::Password => "password",
            Self::Search => "search",
            Self::Number => "number",
            Self::Date => "date",
            Self::DateTime => "datetime-local",
            Self::Url => "url",
        }
    }
}

#[component]
pub fn Field(
    /// The name the form sends; the id is made from it.
    #[prop(into)]
    name: String,
    #[prop(into)] label: String,
    #[prop(optional)] kind: FieldKind,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: MaybeProp<String>,
    #[prop(optional, into)] error: MaybeProp<String>,
    #[prop(optional)] required: bool,
    /// The browser's own list: "username", "current-password", "off".
    #[prop(optional, into)]
    autocomplete: Option<String>,
    #[prop(optional, into)] min: Option<String>,
    #[prop(optional, into)] max: Option<String>,
    /// Called with the text as it is typed, once the page runs.
    #[prop(optional, into)]
    on_text: Option<Callback<String>>,
) -> impl IntoView {
    let id = field_id(&name);
    let control = id.clone();
    view! {
        <FieldFrame control=id.clone() label hint error>
            <input
                id=id
                name=name
                type=kind.input_type()
                value=value
                required=required
                autocomplete=autocomplete
                min=min
                max=max
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=move || {
                    described_by(&control, hint.with(Option::is_some), error.with(Option::is_some))
                }
                on:input=move |event| {
                    if let Some(on_text) = on_text {
                        on_text.run(event_target_value(&event));
                    }
                }
            />
        </FieldFrame>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn label_hint_and_error_are_tied_to_the_control() {
        Owner::new().with(|| {
            let html = view! {
                <Field name="input[email]" label="Email" kind=FieldKind::Email value="a@b" hint="Your work address" error="No such address" />
            }
            .to_html();
            assert!(html.contains(r#"<label for="field-input-email">"#), "{html}");
            assert!(html.contains(r#"id="field-input-email""#) && html.contains(r#"name="input[email]""#), "{html}");
            assert!(html.contains(r#"type="email""#) && html.contains(r#"value="a@b""#), "{html}");
            assert!(html.contains(r#"aria-invalid="true""#), "{html}");
            let described = r#"aria-describedby="field-input-email-error field-input-email-hint""#;
            assert!(html.contains(described), "{html}");
            assert!(html.contains(r#"id="field-input-email-error""#), "{html}");
            assert!(html.contains(r#"id="field-input-email-hint""#), "{html}");
        });
    }

    #[test]
    fn a_good_field_claims_nothing() {
        Owner::new().with(|| {
            let html = view! { <Field name="email" label="Email" /> }.to_html();
            assert!(!html.contains("aria-invalid") && !html.contains("aria-describedby"), "{html}");
        });
    }

    #[test]
    fn a_hostile_value_stays_a_value() {
        Owner::new().with(|| {
            let html = view! { <Field name="q" label="Search" value="\"><script>x</script>" /> }.to_html();
            assert!(!html.contains("<script>"), "{html}");
        });
    }
}
