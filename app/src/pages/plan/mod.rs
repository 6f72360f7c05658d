//! `/rollouts/{id}/plan`: what a rollout would do from now on, before it does it: who goes when, who is left out and why,
//! what stands in the way, and what is another than in the plan before. Here percentages are set.

mod changes;
mod left_out;
mod nights;
mod ramp;

use domain::ids::RolloutId;
use domain::wire::plan::{FiguresView, PlanParams, PlanView};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use self::{changes::Changes, left_out::LeftOut, nights::Nights, ramp::Ramp};
use crate::{
    api::plan::{SetPercent, ShowPlan, show_plan},
    components::{ButtonLink, CodeText, Figure, Figures, Moment, Notice, Panel, Why, WhyList},
    format::count,
    layout::{Crumb, EmptyState, IconName, PageHeader},
    pages::{ask::ask, loaded::Loaded},
    params::Params,
    query::Query,
    routes,
    state::{
        address::{use_filters, use_id},
        form::{Form, use_form},
        form_key::FormKey,
        live::{after_changes, use_live},
    },
};

/// What a browser loads as one begins here.
#[wasm_split(plan, fallible, preload(load))]
pub fn open() -> Result<AnyView, SplitLoaderError> {
    Ok(PlanPage().into_any())
}

#[component]
fn PlanPage() -> impl IntoView {
    let id = use_id::<RolloutId>();
    let filters = use_filters::<PlanParams>();
    let cut = Memo::new(move |_| PlanParams { rollout: id.get(), ..filters.get() });
    let plan = ask(ShowPlan::PATH, cut, fields, show_plan);
    let renew = move || plan.refetch();
    let form = use_form::<SetPercent>(FormKey::Percent, renew);
    let live = use_live();
    live.watch(Memo::new(move |_| id.get().into_iter().collect()));
    after_changes(live.rollout(), renew);
    view! {
        <Loaded
            page=plan
            label="plan"
            view=move |plan: PlanView| view! { <Body plan form filters=cut.get_untracked() /> }.into_any()
        />
    }
    .into_any()
}

/// The rollout is in the path of the page, but it is a field of the call.
fn fields(cut: &PlanParams) -> Query {
    let rollout = cut.rollout.map(|rollout| rollout.to_string()).unwrap_or_default();
    cut.to_query().set("rollout", rollout).within("params")
}

#[component]
fn Body(plan: PlanView, form: Form, filters: PlanParams) -> impl IntoView {
    let PlanView { id, train, build, state, number, progress, figures, difference, listed, ramp, only_up } = plan;
    let title = format!("Plan of {train}");
    view! {
        <Title text=title.clone() />
        <PageHeader
            title=title
            crumbs=vec![Crumb::new(routes::ROLLOUTS, "Rollouts"), Crumb::new(routes::rollout(id), train)]
            beside=move || view! { <CodeText text=build /> }
            sub=move || format!("{state} · what the planner would do from now on")
        />
        {progress.map(|(done, total)| view! { <Progress id done total /> })}
        {match &figures {
            Some(figures) => {
                view! { <Overview figures=figures.clone() number /> }.into_any()
            }
            None => {
                view! {
                    <EmptyState
                        icon=IconName::Calendar
                        title="The plan is being worked out"
                        text="It is made of every environment of the fleet, some at a time. Look again in a moment."
                    />
                }
                    .into_any()
            }
        }}
        {difference.map(|difference| view! { <Changes difference /> })}
        {(!ramp.is_empty()).then(|| view! { <Ramp id choices=ramp only_up form /> })}
        {figures
            .map(|figures| {
                view! {
                    <Conflicts conflicts=figures.conflicts />
                    <Nights stages=figures.stages />
                    <LeftOut rows=figures.left_out listed filters />
                }
            })}
    }
}

#[component]
fn Progress(id: RolloutId, done: u64, total: u64) -> impl IntoView {
    view! {
        <Notice title="A newer plan is being worked out">
            {format!("{} of {} customers are looked at. ", count(done), count(total.max(done)))}
            <ButtonLink href=routes::plan(id)>"Look again"</ButtonLink>
        </Notice>
    }
}

#[component]
fn Overview(figures: FiguresView, number: u32) -> impl IntoView {
    let FiguresView { made, aboard, skipped, last_night, .. } = figures;
    view! {
        <Panel title="In short">
            <Figures>
                <Figure value=count(aboard.into()) label="environments aboard" />
                <Figure value=count(skipped.into()) label="left out" />
                <Figure value=last_night.unwrap_or_else(|| "none".into()) label="the last one is done" />
            </Figures>
            <p class="muted">{format!("Plan {number}, worked out ")} <Moment when=made plain=true /></p>
        </Panel>
    }
}

#[component]
fn Conflicts(conflicts: Vec<domain::wire::WhyView>) -> impl IntoView {
    let reasons: Vec<Why> = conflicts
        .into_iter()
        .map(|why| Why { aspect: why.aspect, text: why.text, next: why.next, way_out: why.way_out })
        .collect();
    view! {
        <Panel title="Conflicts">
            {if reasons.is_empty() {
                view! { <p class="muted">"Every night has room for whoever is due, and every window is long enough."</p> }
                    .into_any()
            } else {
                view! { <WhyList reasons /> }.into_any()
            }}
        </Panel>
    }
}
