//! `/environments`: all of one's own, with their state and what comes next.

use domain::wire::{
    environment::{EnvironmentRow, EnvironmentsParams, EnvironmentsView},
    signal::UpdateStateWord,
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::environment::{ListEnvironments, list_environments},
    components::{
        Cell, CodeText, Column, DataTable, Field, FieldKind, FilterBar, Moment, Pager, Panel, RowHead, RowLink,
        SelectField, StateChip,
    },
    format::counted,
    layout::{EmptyState, IconName, PageHeader},
    pages::{
        ask::ask,
        loaded::Loaded,
        options::{kinds, states},
    },
    params::{self, Params},
    routes,
    state::{
        address::use_filters,
        live::{after_changes, use_live},
    },
};

#[component]
pub fn EnvironmentsPage() -> impl IntoView {
    let filters = use_filters::<EnvironmentsParams>();
    let page = ask(ListEnvironments::PATH, filters, Params::to_argument, list_environments);
    after_changes(use_live().estate(), move || page.refetch());
    view! {
        <Title text="Environments" />
        <Loaded
            page
            label="environments"
            view=move |page: EnvironmentsView| view! { <Body page filters=filters.get_untracked() /> }.into_any()
        />
    }
    .into_any()
}

#[component]
fn Body(page: EnvironmentsView, filters: EnvironmentsParams) -> impl IntoView {
    let EnvironmentsView { rows, total, next } = page;
    let unpaged = EnvironmentsParams { after: None, ..filters.clone() };
    let filtered = unpaged != EnvironmentsParams::default();
    let first = filters.after.map(|_| params::environments(&unpaged));
    let next = next.map(|after| params::environments(&EnvironmentsParams { after: Some(after), ..unpaged.clone() }));
    let found = counted(total, "environment", "environments");
    let summary = format!("{} of {found}", rows.len());
    view! {
        <PageHeader title="Environments" sub=move || found />
        <FilterBar action=routes::ENVIRONMENTS label="Environments" clear=filtered.then(|| routes::ENVIRONMENTS.into())>
            <Field name="q" label="Name" kind=FieldKind::Search value=unpaged.q.clone() />
            <SelectField name="kind" label="Kind" options=kinds() value=unpaged.kind.clone() />
            <SelectField name="state" label="State" options=states(&UpdateStateWord::ALL) value=unpaged.state.clone() />
        </FilterBar>
        {if rows.is_empty() {
            view! { <Nothing filtered /> }.into_any()
        } else {
            view! {
                <Panel title="Your environments" flush=true>
                    <Rows rows />
                </Panel>
                <Pager summary first next />
            }
                .into_any()
        }}
    }
}

#[component]
fn Rows(rows: Vec<EnvironmentRow>) -> impl IntoView {
    let columns = ["Environment", "Region", "Build", "Updated with", "State", "Next night"].map(Column::text).to_vec();
    view! {
        <DataTable caption="Your environments" columns>
            {rows.into_iter().map(|row| view! { <Row row /> }).collect_view()}
        </DataTable>
    }
}

#[component]
fn Row(row: EnvironmentRow) -> impl IntoView {
    view! {
        <tr>
            <RowHead>
                <RowLink href=routes::environment(row.id) text=row.name />
                <br />
                <span class="small muted">{row.kind_text}</span>
            </RowHead>
            <Cell label="Region">{row.region}</Cell>
            <Cell label="Build">
                <CodeText text=row.build bare=true />
                <br />
                <span class="small muted">{row.service_update}</span>
            </Cell>
            <Cell label="Updated with">{row.designation}</Cell>
            <Cell label="State">
                {match row.state {
                    Some(state) => view! { <StateChip state reason=row.state_text /> }.into_any(),
                    None => view! { <span class="muted">{row.state_text}</span> }.into_any(),
                }}
            </Cell>
            <Cell label="Next night">{row.next.map(|when| view! { <Moment when plain=true /> })}</Cell>
        </tr>
    }
}

#[component]
fn Nothing(filtered: bool) -> impl IntoView {
    let (title, text) = if filtered {
        ("No environment matches", "Change or clear the filters to see the others.")
    } else {
        ("No environment yet", "Your environments appear here as soon as they are set up.")
    };
    view! { <EmptyState icon=IconName::Environment title text /> }
}
