//! `/freezes`: nights in which nothing starts, those that hold or will and those that are over; and the form that sets one.

mod set;

use domain::wire::freeze::{FreezeRow, FreezesParams, FreezesView};
use domain::wire::signal::Aspect;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use self::set::Set;
use super::confirmed::{Confirmed, back_to};
use crate::{
    api::freeze::{EndFreeze, ListFreezes, SetFreeze, list_freezes},
    components::{Cell, Chip, Column, DataTable, Panel, RowHead},
    layout::{EmptyState, IconName, PageHeader},
    pages::{ask::ask, loaded::Loaded},
    params::{self, Params},
    routes,
    state::{
        address::use_filters,
        form::{Form, use_form},
        form_key::FormKey,
    },
};

#[component]
pub fn FreezesPage() -> impl IntoView {
    let filters = use_filters::<FreezesParams>();
    let page = ask(ListFreezes::PATH, filters, Params::to_argument, list_freezes);
    let back = back_to(routes::FREEZES);
    let set = use_form::<SetFreeze>(FormKey::SetFreeze, back.clone());
    let end = use_form::<EndFreeze>(FormKey::EndFreeze, back);
    view! {
        <Title text="Freezes" />
        <Loaded
            page
            label="freezes"
            view=move |view: FreezesView| view! { <Body view params=filters.get_untracked() set end /> }.into_any()
        />
    }
    .into_any()
}

#[component]
fn Body(view: FreezesView, params: FreezesParams, set: Form, end: Form) -> impl IntoView {
    let FreezesView { current, past, may_set, regions, clouds, form, preview, problem } = view;
    let open = current.iter().find(|row| row.may_end && row.id.to_string() == params.end).cloned();
    view! {
        <PageHeader
            title="Freezes"
            sub=|| "Nights in which nothing starts. A freeze wins over every window and every approval."
        />
        {open.map(|row| view! { <End row form=end /> })}
        <Panel title="Planned and active" flush=true>
            {if current.is_empty() {
                view! {
                    <EmptyState
                        icon=IconName::Freeze
                        title="No freeze is planned"
                        text="Nights in which nothing may start stand here, for everybody or for some."
                    />
                }
                    .into_any()
            } else {
                view! { <Rows caption="Freezes that hold or will" rows=current /> }.into_any()
            }}
        </Panel>
        {may_set.then(|| view! { <Set regions clouds asked=form preview problem form=set /> })}
        {(!past.is_empty())
            .then(|| {
                view! {
                    <Panel title="Over or ended" flush=true>
                        <Rows caption="Freezes that are over or were ended" rows=past />
                    </Panel>
                }
            })}
    }
}

#[component]
fn End(row: FreezeRow, form: Form) -> impl IntoView {
    let FreezeRow { id, scope, nights, .. } = row;
    let what = format!("The freeze for {scope}, {nights}");
    view! {
        <Confirmed
            id="end"
            title="End this freeze?".to_owned()
            fields=vec![("freeze", id.to_string())]
            object=what
            environments=None
            effect="Its nights are free from now on. Nights that were moved stay where they are; notice is given anew for whatever starts afterwards."
                .to_owned()
            label="Yes, end this freeze".to_owned()
            button="End the freeze".to_owned()
            form
        />
    }
}

#[component]
fn Rows(caption: &'static str, rows: Vec<FreezeRow>) -> impl IntoView {
    let columns = vec![
        Column::text("For"),
        Column::text("Nights"),
        Column::text("State"),
        Column::text("Why"),
        Column::text("Set"),
        Column::hidden("End"),
    ];
    view! {
        <DataTable caption columns>
            {rows.into_iter().map(|row| view! { <Row row /> }).collect_view()}
        </DataTable>
    }
}

#[component]
fn Row(row: FreezeRow) -> impl IntoView {
    let FreezeRow { id, scope, nights, reason, set, state, ended, may_end } = row;
    let aspect = (state == "Active").then_some(Aspect::Stop);
    let href = format!("{}#end", params::freezes(&FreezesParams { end: id.to_string(), ..FreezesParams::default() }));
    let label = format!(" the freeze for {scope}");
    view! {
        <tr>
            <RowHead>{scope}</RowHead>
            <Cell label="Nights">{nights}</Cell>
            <Cell label="State">
                <Chip word=state aspect />
            </Cell>
            <Cell label="Why">
                {reason}
                {ended
                    .map(|ended| {
                        view! {
                            <br />
                            <span class="small muted">"Ended " {ended}</span>
                        }
                    })}
            </Cell>
            <Cell label="Set">{set}</Cell>
            <Cell label="End">
                {may_end
                    .then(|| {
                        view! {
                            <a class="button" href=href>
                                "End"
                                <span class="visually-hidden">{label}</span>
                            </a>
                        }
                    })}
            </Cell>
        </tr>
    }
}
