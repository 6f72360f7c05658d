//! A signal: one of four shapes that can be told apart without colour. Its word always stands beside it or is its label.

use domain::wire::signal::Aspect;
use leptos::prelude::*;

/// The outline of an aspect on a 12 × 12 field, filled by the even-odd rule: disc, half disc, bar, ring.
/// One path each, so that every picture made of signals (the line, the mini line) uses the same four shapes.
pub const fn outline(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Clear => "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1z",
        Aspect::Caution => "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1zm0 1.5v7a3.5 3.5 0 0 1 0-7z",
        Aspect::Stop => "M1 4h10v4H1z",
        Aspect::Unlit => "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1zm0 1.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 0 1 0-7z",
    }
}

/// The word for a shape that stands alone.
pub const fn aspect_word(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Clear => "Clear",
        Aspect::Caution => "Caution",
        Aspect::Stop => "Stop",
        Aspect::Unlit => "Unlit",
    }
}

pub const fn aspect_class(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Clear => "is-clear",
        Aspect::Caution => "is-caution",
        Aspect::Stop => "is-stop",
        Aspect::Unlit => "is-unlit",
    }
}

/// Draws an aspect. With `alone` the shape carries its own word for screen readers; without it the word must stand beside it.
#[component]
pub fn SignalMark(
    aspect: Aspect,
    /// No word beside the shape: name it.
    #[prop(optional)]
    alone: bool,
) -> impl IntoView {
    view! {
        <svg
            class=format!("signal {}", aspect_class(aspect))
            viewBox="0 0 12 12"
            width="12"
            height="12"
            fill="currentColor"
            role=alone.then_some("img")
            aria-label=alone.then_some(aspect_word(aspect))
            aria-hidden=(!alone).then_some("true")
        >
            <path d=outline(aspect) fill-rule="evenodd"></path>
        </svg>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    const ALL: [Aspect; 4] = [Aspect::Clear, Aspect::Caution, Aspect::Stop, Aspect::Unlit];

    #[test]
    fn every_aspect_has_its_own_shape_and_word() {
        for (i, a) in ALL.into_iter().enumerate() {
            for b in ALL.into_iter().skip(i + 1) {
                assert_ne!(outline(a), outline(b));
                assert_ne!(aspect_word(a), aspect_word(b));
                assert_ne!(aspect_class(a), aspect_class(b));
            }
        }
    }

    #[test]
    fn a_shape_alone_says_its_word_and_one_beside_a_word_is_silent() {
        let alone = view! { <SignalMark aspect=Aspect::Unlit alone=true /> }.to_html();
        assert!(alone.contains(r#"role="img""#) && alone.contains(r#"aria-label="Unlit""#), "{alone}");
        assert!(!alone.contains("aria-hidden"), "{alone}");
        let beside = view! { <SignalMark aspect=Aspect::Unlit /> }.to_html();
        assert!(beside.contains(r#"aria-hidden="true""#) && !beside.contains("role="), "{beside}");
    }
}
