//! `/halts`: what is halted, whom it affects, who lifts it; and the form that halts a build, a station of a rollout, one
//! customer or everything.

mod place;

use domain::wire::halt::{HaltRow, HaltsParams, HaltsView, LiftedRow};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use self::place::Place;
use super::confirmed::{Confirmed, back_to};
use crate::{
    api::halt::{LiftHalt, ListHalts, PlaceHalt, list_halts},
    components::{Cell, Column, DataTable, Moment, Pager, Panel, RowHead},
    layout::{EmptyState, IconName, PageHeader},
    pages::{ask::ask, loaded::Loaded},
    params::{self, Params},
    routes,
    state::{
        address::use_filters,
        form::{Form, use_form},
        form_key::FormKey,
        live::{after_changes, use_live},
        shell::use_shell,
    },
};

#[component]
pub fn HaltsPage() -> impl IntoView {
    let filters = use_filters::<HaltsParams>();
    let page = ask(ListHalts::PATH, filters, Params::to_argument, list_halts);
    let (to_page, shell) = (back_to(routes::HALTS), use_shell());
    // How many are in force stands in the rail.
    let back = move || {
        to_page();
        shell.refetch();
    };
    let place = use_form::<PlaceHalt>(FormKey::PlaceHalt, back.clone());
    let lift = use_form::<LiftHalt>(FormKey::LiftHalt, back);
    after_changes(use_live().clock(), move || page.refetch());
    view! {
        <Title text="Halts" />
        <Loaded
            page
            label="halts"
            view=move |view: HaltsView| view! { <Body view params=filters.get_untracked() place lift /> }.into_any()
        />
    }
    .into_any()
}

#[component]
fn Body(view: HaltsView, params: HaltsParams, place: Form, lift: Form) -> impl IntoView {
    let HaltsView { in_force, lifted, next, choices, target, preview, problem } = view;
    let open = in_force.iter().find(|row| row.may_lift && row.id == params.lift).cloned();
    view! {
        <PageHeader
            title="Halts"
            sub=|| {
                view! {
                    <p>
                        "A halt stops starts; updates that run finish and are watched. Nothing but a person lifts one. What was reported stands under "
                        <a href=routes::INCIDENTS>"incidents"</a> "."
                    </p>
                }
            }
        />
        {open.map(|row| view! { <Lift row form=lift /> })}
        <InForce rows=in_force />
        {(!choices.whats.is_empty()).then(|| view! { <Place choices target preview problem form=place /> })}
        <Lifted rows=lifted next has_before=!params.after.is_empty() />
    }
}

#[component]
fn Lift(row: HaltRow, form: Form) -> impl IntoView {
    let HaltRow { id, what, waiting, on_lift, .. } = row;
    view! {
        <Confirmed
            id="lift"
            title=format!("Lift the halt: {what}")
            fields=vec![("halt", id)]
            object=what
            environments=Some(u64::from(waiting))
            effect=on_lift
            label="Yes, lift this halt".to_owned()
            button="Lift the halt".to_owned()
            form
        />
    }
}

#[component]
fn InForce(rows: Vec<HaltRow>) -> impl IntoView {
    let columns = vec![
        Column::text("What"),
        Column::text("Since"),
        Column::text("Why"),
        Column::text("Affects"),
        Column::text("Rollouts"),
        Column::hidden("Lift"),
    ];
    view! {
        <Panel title="In force" flush=true>
            {if rows.is_empty() {
                view! {
                    <EmptyState
                        icon=IconName::Alert
                        title="Nothing is halted"
                        text="What is halted stands here, with whom it affects, until somebody lifts it."
                    />
                }
                    .into_any()
            } else {
                view! {
                    <DataTable caption="Halts in force" columns>
                        {rows.into_iter().map(|row| view! { <Row row /> }).collect_view()}
                    </DataTable>
                }
                    .into_any()
            }}
        </Panel>
    }
}

#[component]
fn Row(row: HaltRow) -> impl IntoView {
    let HaltRow { id, what, since, why, effect, rollouts, may_lift, .. } = row;
    let href = params::lift_halt(id);
    let label = format!(" {what}");
    view! {
        <tr>
            <RowHead>{what}</RowHead>
            <Cell label="Since">
                <Moment when=since plain=true />
            </Cell>
            <Cell label="Why">
                <span class="free">{why}</span>
            </Cell>
            <Cell label="Affects">{effect}</Cell>
            <Cell label="Rollouts">
                {rollouts
                    .into_iter()
                    .map(|(id, train)| view! { <a href=routes::rollout(id)>{train}</a> " " })
                    .collect_view()}
            </Cell>
            <Cell label="Lift">
                {may_lift
                    .then(|| {
                        view! {
                            <a class="button" href=href>
                                "Lift"
                                <span class="visually-hidden">{label}</span>
                            </a>
                        }
                    })}
            </Cell>
        </tr>
    }
}

#[component]
fn Lifted(rows: Vec<LiftedRow>, next: Option<String>, has_before: bool) -> impl IntoView {
    let columns = vec![
        Column::text("What"),
        Column::text("Since"),
        Column::text("Why"),
        Column::text("Lifted"),
        Column::text("By whom, and why"),
    ];
    let next = next.map(|after| params::halts(&HaltsParams { after, ..HaltsParams::default() }));
    let paged = has_before || next.is_some();
    (!rows.is_empty() || has_before).then(|| {
        view! {
            <Panel title="Lifted" note="stations, customers and everything; a rollout tells its own on its page" flush=true>
                <DataTable caption="Halts that were lifted" columns>
                    {rows
                        .into_iter()
                        .map(|row| {
                            view! {
                                <tr>
                                    <RowHead>{row.what}</RowHead>
                                    <Cell label="Since">
                                        <Moment when=row.since plain=true />
                                    </Cell>
                                    <Cell label="Why">
                                        <span class="free">{row.why}</span>
                                    </Cell>
                                    <Cell label="Lifted">
                                        <Moment when=row.until plain=true />
                                    </Cell>
                                    <Cell label="By whom, and why">{row.lift}</Cell>
                                </tr>
                            }
                        })
                        .collect_view()}
                </DataTable>
            </Panel>
            {paged
                .then(|| {
                    let first = has_before.then(|| routes::HALTS.to_owned());
                    view! { <Pager summary="Newest first" first next /> }
                })}
        }
    })
}
