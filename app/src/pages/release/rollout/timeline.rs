//! What happened to this rollout, newest first.

use domain::wire::rollout::TimelineRow;
use leptos::prelude::*;

use crate::components::{Panel, Timeline, TimelineEntry};

#[component]
pub fn WhatHappened(timeline: Vec<TimelineRow>) -> impl IntoView {
    view! {
        <Panel title="What happened">
            {if timeline.is_empty() {
                view! { <p class="muted">"Nothing yet: the rollout has not been started."</p> }.into_any()
            } else {
                view! {
                    <Timeline>
                        {timeline
                            .into_iter()
                            .map(|row| view! { <TimelineEntry when=row.at>{row.text}</TimelineEntry> })
                            .collect_view()}
                    </Timeline>
                }
                    .into_any()
            }}
        </Panel>
    }
}
