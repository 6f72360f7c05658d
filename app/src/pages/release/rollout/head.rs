//! What this rollout is, how it stands, and the line.

use domain::wire::rollout::RolloutView;
use leptos::prelude::*;
use leptos_meta::Title;

use super::progress;
use crate::{
    components::{ButtonLink, Chip, CodeText, Figure, Figures, Line, Notice, NoticeKind, Panel},
    format::count,
    layout::{Crumb, PageHeader},
    routes,
};

#[component]
pub fn Head(rollout: RolloutView) -> impl IntoView {
    let RolloutView {
        id,
        train,
        build,
        cadence,
        state,
        aspect,
        role,
        where_text,
        started,
        halted,
        halts,
        emergency,
        not_offered,
        last_night,
        line,
        ..
    } = rollout;
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
        {halted
            .map(|cause| {
                view! {
                    <Notice kind=NoticeKind::Stop title="Halted: nothing new starts">
                        {cause}
                    </Notice>
                }
            })}
        {halts
            .into_iter()
            .map(|halt| view! { <Notice kind=NoticeKind::Caution title="Halted in part"> {halt} </Notice> })
            .collect_view()}
        {emergency
            .map(|path| {
                view! {
                    <Notice kind=NoticeKind::Caution title="An emergency path is in force">
                        {path} " " <a href=routes::emergency(id)>"See the path"</a>
                    </Notice>
                }
            })}
        {not_offered
            .map(|why| {
                view! {
                    <Notice kind=NoticeKind::Stop title="The build is not offered: nothing new starts">
                        {why}
                    </Notice>
                }
            })}
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
