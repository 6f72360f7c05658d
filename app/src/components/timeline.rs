//! What happened, newest first: an instant and a sentence.

use domain::wire::signal::When;
use leptos::prelude::*;

use super::when::Moment;

#[component]
pub fn Timeline(children: Children) -> impl IntoView {
    view! {
        <ol class="timeline" role="list">
            {children()}
        </ol>
    }
}

#[component]
pub fn TimelineEntry(when: When, children: Children) -> impl IntoView {
    view! {
        <li>
            <Moment when plain=true />
            <div>{children()}</div>
        </li>
    }
}
