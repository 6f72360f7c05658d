//! An instant as people say it, with the zone named, the instant itself in `datetime`, and the environment's zone and UTC
//! one hover or focus away.

use domain::wire::signal::When;
use leptos::prelude::*;

#[component]
pub fn Moment(
    when: When,
    /// Inside a link or a dense table: the hint is there on hover only, so that it adds no stop for the keyboard.
    #[prop(optional)]
    plain: bool,
) -> impl IntoView {
    let When { text, utc, hint } = when;
    if plain || hint.is_empty() {
        let hint = (!hint.is_empty()).then_some(hint);
        return view! {
            <time class="when" datetime=utc title=hint>
                {text}
            </time>
        }
        .into_any();
    }
    view! {
        <span
            class="when has-hint"
            tabindex="0"
            on:keydown=|event| {
                // WCAG 1.4.13: what appeared on focus can be put away without moving the focus.
                #[cfg(feature = "hydrate")]
                hush::on_escape(&event);
                #[cfg(not(feature = "hydrate"))]
                let _ = event;
            }
            on:focusout=|event| {
                #[cfg(feature = "hydrate")]
                hush::lift(&event);
                #[cfg(not(feature = "hydrate"))]
                let _ = event;
            }
        >
            <time datetime=utc>{text}</time>
            <span class="when-hint">{hint}</span>
        </span>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
mod hush {
    use leptos::ev::{FocusEvent, KeyboardEvent};
    use wasm_bindgen::JsCast;
    use web_sys::Element;

    const HUSHED: &str = "data-hushed";

    pub(super) fn on_escape(event: &KeyboardEvent) {
        if event.key() == "Escape"
            && let Some(moment) = event.target().and_then(|target| target.dyn_into::<Element>().ok())
        {
            let _ = moment.set_attribute(HUSHED, "");
        }
    }

    pub(super) fn lift(event: &FocusEvent) {
        if let Some(moment) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
            let _ = moment.remove_attribute(HUSHED);
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn when() -> When {
        When {
            text: "Sun 11 Oct 2026, 05:00 CEST".into(),
            utc: "2026-10-11T03:00:00Z".into(),
            hint: "03:00 UTC".into(),
        }
    }

    #[test]
    fn the_instant_is_machine_readable_and_the_hint_can_be_focused() {
        let html = view! { <Moment when=when() /> }.to_html();
        assert!(html.contains(r#"datetime="2026-10-11T03:00:00Z""#), "{html}");
        assert!(html.contains(r#"tabindex="0""#) && html.contains("03:00 UTC"), "{html}");
    }

    #[test]
    fn plain_adds_no_stop_for_the_keyboard() {
        let html = view! { <Moment when=when() plain=true /> }.to_html();
        assert!(!html.contains("tabindex") && html.contains(r#"title="03:00 UTC""#), "{html}");
    }
}
