//! The planner's reasons in its own words: each with its signal, and when it looks again.

use domain::wire::signal::Aspect;
use leptos::prelude::*;

use super::signal::SignalMark;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    pub aspect: Aspect,
    pub text: String,
    /// "next: Sat 17 Oct 2026, 00:00 CEST".
    pub next: Option<String>,
}

#[component]
pub fn WhyList(reasons: Vec<Why>) -> impl IntoView {
    view! {
        <ul class="why" role="list">
            {reasons
                .into_iter()
                .map(|why| {
                    view! {
                        <li>
                            <SignalMark aspect=why.aspect alone=true />
                            <span>
                                {why.text} {why.next.map(|next| view! { <span class="why-next">{next}</span> })}
                            </span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_signal_word_sentence_and_next_time() {
        let why = Why { aspect: Aspect::Unlit, text: "Baked 9 of 24 h".into(), next: Some("next: 05:00 CEST".into()) };
        let html = view! { <WhyList reasons=vec![why] /> }.to_html();
        assert!(html.contains(r#"aria-label="Unlit""#), "{html}");
        assert!(html.contains("Baked 9 of 24 h") && html.contains("next: 05:00 CEST"), "{html}");
    }
}
