//! What this rollout is, how it stands, and the line.

use domain::wire::rollout::RolloutView;
use leptos::prelude::*;
use leptos_meta::Title;

use super::{notices::Notices, progress};
use crate::{
    components::{ButtonLink, Chip, CodeText, Figure, Figures, Line, Panel},
    format::count,
    layout::{Crumb, PageHeader},
    routes,
};

#[component]
pub fn Head(rollout: RolloutView) -> impl IntoView {
    let RolloutView { id, train, build, cadence, state, aspect, role, where_text, started, last_night, line, .. } =
        rollout.clone();
    let counts = rollout.counts;
    let about = [cadence, started].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
    let done = progress(&counts);
    view! {
        <Title text=train.clone() />
        <PageHeader
            title=train.clone()
            crumbs=vec![Crumb::new(routes::ROLLOUTS, "Rollouts")]
            beside=move || view! { <CodeText text=build /> }
            actions=move || view! { <ButtonLink href=routes::plan(id)>"Plan"</ButtonLink> }
            sub=move || {
                view! {
                    <Chip word=state aspect=Some(aspect) role />
                    " "
                    {about.join(" · ")}
                }
            }
        />
        <Notices rollout=rollout.clone() />
        <Panel title="The line" flush=true>
            <Line nodes=line label=format!("Stations of {train}") says=where_text />
            <div class="panel-body">
                <Figures>
                    <Figure value=format!("{} of {}", count(done.done), count(done.total)) label="environments done" />
                    <Figure value=count(u64::from(counts.running)) label="running now" />
                    <Figure value=count(done.failed) label="failed" />
                    <Figure value=count(u64::from(counts.held)) label="held" />
                    <Figure value=count(u64::from(counts.skipped)) label="skipped" />
                    {last_night.map(|night| view! { <Figure value=night label="last night" /> })}
                </Figures>
            </div>
        </Panel>
    }
}
