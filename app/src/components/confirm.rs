//! The inside of a form for a dangerous action: names the object and how many environments it touches, says what will
//! happen by the rule that does it, asks why, and has its button last. Put it in a form of its own, so that Enter
//! elsewhere cannot press it.

use domain::wire::problem::REASON_CHARS_MAX;
use leptos::prelude::*;

use crate::format::counted;

use super::{
    button::{Button, ButtonKind},
    field_frame::field_id,
    text_area::TextArea,
};

#[component]
pub fn Confirm(
    /// What is acted on: "10.0.48 PQU-7, build 10.0.2645.147".
    #[prop(into)]
    object: String,
    /// How many environments it touches, where that can be told.
    #[prop(into)]
    environments_affected: Option<u64>,
    /// What will happen, in the words of the rule that does it.
    #[prop(into)]
    effect: String,
    /// Form name of the reason.
    #[prop(default = "reason".to_owned(), into)]
    reason_name: String,
    /// Where the page has another reason of this name.
    #[prop(optional, into)]
    reason_id: Option<String>,
    #[prop(optional, into)] reason: String,
    #[prop(optional, into)] reason_error: MaybeProp<String>,
    /// What the button says, with its object: "Halt 10.0.48 PQU-7".
    #[prop(into)]
    button: String,
    #[prop(optional, into)] busy: Signal<bool>,
    /// Further fields, above the reason.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="confirm">
            <p>
                <strong>{object}</strong>
                {environments_affected.map(|count| format!(" · {}", counted(count, "environment", "environments")))}
            </p>
            <p class="effect">{effect}</p>
            {children.map(|children| children())}
            <TextArea
                id=reason_id.unwrap_or_else(|| field_id(&reason_name))
                name=reason_name
                label="Reason"
                value=reason
                error=reason_error
                hint=format!(
                    "Kept in the audit log and shown wherever the effect is shown. {REASON_CHARS_MAX} characters at most.",
                )
                required=true
                rows=3
                chars_max=REASON_CHARS_MAX
            />
            <div class="actions">
                <Button kind=ButtonKind::Stop busy>
                    {button}
                </Button>
            </div>
        </div>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn object_count_effect_and_reason_come_before_the_button() {
        Owner::new().with(|| {
            let html = view! {
                <Confirm object="10.0.48 PQU-7" environments_affected=4_826_u64 effect="No new start." button="Halt 10.0.48 PQU-7" />
            }
            .to_html();
            let at = |text: &str| html.find(text).expect(text);
            assert!(at("4,826 environments") < at("No new start."));
            assert!(at("No new start.") < at("<textarea"));
            assert!(at("<textarea") < at("Halt 10.0.48 PQU-7"));
            assert!(html.contains(r#"maxlength="500""#), "{html}");
        });
    }
}
