//! A state as word, shape and colour together. The words are the closed set of `domain::wire::signal`; a state that has a
//! reason shows it without a click.

use domain::wire::signal::{Aspect, ColourRole, UpdateStateWord};
use leptos::prelude::*;

use super::signal::SignalMark;

pub const fn role_class(role: ColourRole) -> &'static str {
    match role {
        ColourRole::Clear => "clear",
        ColourRole::Caution => "caution",
        ColourRole::Stop => "stop",
        ColourRole::Quiet => "quiet",
        ColourRole::Live => "live",
    }
}

/// A word with a signal, for states that are not an environment's update: a stage, a gate, a build.
#[component]
pub fn Chip(
    #[prop(into)] word: String,
    #[prop(optional_no_strip)] aspect: Option<Aspect>,
    #[prop(default = ColourRole::Quiet)] role: ColourRole,
) -> impl IntoView {
    view! {
        <span class=format!("chip {}", role_class(role))>
            {aspect.map(|aspect| view! { <SignalMark aspect /> })} <span>{word}</span>
        </span>
    }
}

/// The state of one environment's update, with the reason beside it when there is one.
#[component]
pub fn StateChip(state: UpdateStateWord, #[prop(optional, into)] reason: MaybeProp<String>) -> impl IntoView {
    view! {
        <span class="state">
            <Chip word=state.word() aspect=Some(state.aspect()) role=state.role() />
            {move || reason.get().map(|reason| view! { <span class="state-reason">{reason}</span> })}
        </span>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::components::signal::outline;

    #[test]
    fn every_state_shows_word_shape_and_colour_role() {
        Owner::new().with(|| {
            for state in UpdateStateWord::ALL {
                let html = view! { <StateChip state /> }.to_html();
                assert!(html.contains(state.word()), "{html}");
                assert!(html.contains(outline(state.aspect())), "{html}");
                assert!(html.contains(&format!("chip {}", role_class(state.role()))), "{html}");
            }
        });
    }

    #[test]
    fn a_reason_is_shown_at_once_and_escaped() {
        Owner::new().with(|| {
            let html = view! { <StateChip state=UpdateStateWord::Held reason="sandbox <b>failed</b>" /> }.to_html();
            assert!(html.contains("sandbox &lt;b&gt;failed&lt;/b&gt;"), "{html}");
        });
    }
}
