//! All errors of a form in one box above it, each a link to its field. A page that is served with errors has the focus on
//! the box; where errors come later, whoever knows when moves it there, through `node_ref`: a page that follows live changes
//! is drawn again and again, and must not take the focus each time. The box itself is always there, because what a
//! closure draws is another element each time.

use leptos::prelude::*;

use super::field_frame::field_id;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The form name of the field; empty when the error belongs to the form as a whole.
    pub field: String,
    pub text: String,
}

#[component]
pub fn ErrorSummary(
    #[prop(into)] errors: Signal<Vec<FieldError>>,
    /// The box, for moving the focus to it.
    #[prop(optional)]
    node_ref: NodeRef<leptos::html::Div>,
) -> impl IntoView {
    let none = move || errors.with(Vec::is_empty);
    view! {
        // `autofocus` moves the focus where no Wasm runs.
        <div
            class="error-summary"
            role="alert"
            tabindex="-1"
            hidden=none
            autofocus=move || !none()
            node_ref=node_ref
        >
            {move || {
                let errors = errors.get();
                (!errors.is_empty()).then(|| {
                    view! {
                        <h2>"Please look at this again"</h2>
                        <ul>{errors.into_iter().map(|error| view! { <ErrorLink error /> }).collect_view()}</ul>
                    }
                })
            }}
        </div>
    }
}

#[component]
fn ErrorLink(error: FieldError) -> impl IntoView {
    let FieldError { field, text } = error;
    if field.is_empty() {
        return view! { <li>{text}</li> }.into_any();
    }
    let id = field_id(&field);
    view! {
        <li>
            <a
                href=format!("#{id}")
                on:click=move |event| {
                    // The router would scroll there but leave the focus behind.
                    #[cfg(feature = "hydrate")]
                    focus_field(&id, &event);
                    #[cfg(not(feature = "hydrate"))]
                    let _ = (&id, event);
                }
            >
                {text}
            </a>
        </li>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
fn focus_field(id: &str, event: &leptos::ev::MouseEvent) {
    use wasm_bindgen::JsCast;
    let field = document().get_element_by_id(id).and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(field) = field {
        event.prevent_default();
        let _ = field.focus();
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn each_error_links_to_its_field() {
        Owner::new().with(|| {
            let errors = vec![
                FieldError { field: "input[reason]".into(), text: "Say why".into() },
                FieldError { field: String::new(), text: "Someone was faster".into() },
            ];
            let html = view! { <ErrorSummary errors /> }.to_html();
            assert!(html.contains(r##"href="#field-input-reason""##), "{html}");
            assert!(
                html.contains(r#"role="alert""#) && html.contains("autofocus") && !html.contains(" hidden"),
                "{html}"
            );
            assert!(html.contains("<li>Someone was faster"), "{html}");
        });
    }

    #[test]
    fn no_errors_nothing_to_see() {
        Owner::new().with(|| {
            let html = view! { <ErrorSummary errors=Vec::new() /> }.to_html();
            assert!(html.contains(" hidden") && !html.contains("autofocus") && !html.contains("<h2"), "{html}");
        });
    }
}
