//! Why the update comes when it comes, in the planner's words, and what is known about the environment.

use domain::wire::WhyView;
use leptos::prelude::*;

use crate::components::{Fact, Facts, Panel, Why, WhyList};

/// Empty where there is no reason to give. `panels` are the parts of this page that a way out can lead to.
#[component]
pub fn WhyThen(why: Vec<WhyView>, panels: Vec<&'static str>) -> impl IntoView {
    let there = |at: &String| panels.iter().any(|panel| at.strip_prefix('#') == Some(*panel));
    let reason = |WhyView { aspect, text, next, way_out }| {
        let way_out = way_out.map(|(text, at): (String, Option<String>)| (text, at.filter(&there)));
        Why { aspect, text, next, way_out }
    };
    let reasons: Vec<Why> = why.into_iter().map(reason).collect();
    (!reasons.is_empty()).then(|| {
        view! {
            <Panel title="Why then?">
                <WhyList reasons />
            </Panel>
        }
    })
}

#[component]
pub fn EnvironmentFacts(designation_text: String, facts: Vec<(String, String)>) -> impl IntoView {
    view! {
        <Panel title="Facts">
            <Facts>
                {(!designation_text.is_empty())
                    .then(|| view! { <Fact term="Designation">{designation_text}</Fact> })}
                {facts.into_iter().map(|(term, value)| view! { <Fact term>{value}</Fact> }).collect_view()}
            </Facts>
        </Panel>
    }
}
