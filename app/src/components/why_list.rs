//! The planner's reasons in its own words: each with its signal, and when it looks again.

use domain::wire::signal::Aspect;
use leptos::prelude::*;

use super::signal::SignalMark;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    pub aspect: Aspect,
    pub text: String,
    /// "from Sat 17 Oct 2026, 00:00 CEST".
    pub next: Option<String>,
    /// What the reader can do, and where on this page.
    pub way_out: Option<(String, Option<String>)>,
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
                                {why.way_out.map(|(text, at)| view! { <WayOut text at /> })}
                            </span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

#[component]
fn WayOut(text: String, at: Option<String>) -> impl IntoView {
    view! {
        <span class="why-next">
            {match at {
                Some(href) => view! { <a href=href>{text}</a> }.into_any(),
                None => text.into_any(),
            }}
        </span>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_signal_word_sentence_and_next_time() {
        let way_out = Some(("Choose more nights.".into(), Some("#planning".into())));
        let (text, next) = ("Baked 9 of 24 h".into(), Some("next: 05:00 CEST".into()));
        let why = Why { aspect: Aspect::Unlit, text, next, way_out };
        let html = view! { <WhyList reasons=vec![why] /> }.to_html();
        assert!(html.contains(r#"aria-label="Unlit""#), "{html}");
        assert!(html.contains(r##"<a href="#planning">Choose more nights."##), "{html}");
        assert!(html.contains("Baked 9 of 24 h") && html.contains("next: 05:00 CEST"), "{html}");
    }
}
