//! The environments of this rollout: all, or one stage's, or those in one state; which is in the address.

use domain::wire::{
    rollout::{RolloutEnvironmentRow, RolloutEnvironmentsParams, RolloutEnvironmentsView},
    signal::UpdateStateWord,
};
use leptos::prelude::*;

use crate::{
    components::{
        Cell, Column, DataTable, FilterBar, Moment, Pager, Panel, RowHead, RowLink, SelectField, SelectOption,
        StateChip, Why, WhyList,
    },
    format::counted,
    layout::{EmptyState, IconName},
    pages::options::{all, states},
    params, routes,
};

#[component]
pub fn Environments(
    environments: RolloutEnvironmentsView,
    filters: RolloutEnvironmentsParams,
    stations: Vec<u8>,
) -> impl IntoView {
    let RolloutEnvironmentsView { rows, next, enrolled } = environments;
    let unpaged = RolloutEnvironmentsParams { after: String::new(), ..filters.clone() };
    let first = (!filters.after.is_empty()).then(|| params::rollout_environments(&unpaged));
    let next = next.map(|after| params::rollout_environments(&RolloutEnvironmentsParams { after, ..unpaged.clone() }));
    let summary = counted(rows.len() as u64, "environment on this page", "environments on this page");
    if !enrolled {
        return view! {
            <Panel title="Environments" flush=true>
                <EmptyState
                    icon=IconName::Environment
                    title="Nobody is aboard yet"
                    text="The start enrols every environment that runs this service update. The counts above are who would be met now."
                />
            </Panel>
        }
        .into_any();
    }
    view! {
        <Panel title="Environments" flush=true>
            <div class="panel-body">
                <Filters filters=unpaged stations />
            </div>
            {if rows.is_empty() {
                view! {
                    <EmptyState
                        icon=IconName::Environment
                        title="No environment matches"
                        text="Choose another stage or state, or clear the filters."
                    />
                }
                    .into_any()
            } else {
                view! { <Rows rows /> }.into_any()
            }}
        </Panel>
        <Pager summary first next />
    }
    .into_any()
}

#[component]
fn Filters(filters: RolloutEnvironmentsParams, stations: Vec<u8>) -> impl IntoView {
    let page = filters.rollout.map(routes::rollout).unwrap_or_default();
    let none = RolloutEnvironmentsParams { rollout: filters.rollout, ..RolloutEnvironmentsParams::default() };
    let clear = (filters != none).then(|| params::rollout_environments(&none));
    let stations = std::iter::once(all())
        .chain(stations.into_iter().map(|station| SelectOption::new(station.to_string(), format!("Station {station}"))))
        .collect();
    let audiences =
        vec![all(), SelectOption::new("sandbox", "Sandboxes"), SelectOption::new("production", "Productions")];
    view! {
        <FilterBar action=format!("{page}#environments") label="Environments of this rollout" clear>
            <SelectField name="station" label="Station" options=stations value=filters.station />
            <SelectField name="audience" label="Audience" options=audiences value=filters.audience />
            <SelectField name="state" label="State" options=states(&UpdateStateWord::ALL) value=filters.state />
        </FilterBar>
    }
}

#[component]
fn Rows(rows: Vec<RolloutEnvironmentRow>) -> impl IntoView {
    let columns = ["Environment", "Customer", "Region", "Stage", "State", "Night", "Why"].map(Column::text).to_vec();
    view! {
        <DataTable caption="Environments of this rollout" columns>
            {rows.into_iter().map(|row| view! { <Row row /> }).collect_view()}
        </DataTable>
    }
}

#[component]
fn Row(row: RolloutEnvironmentRow) -> impl IntoView {
    let reasons: Vec<Why> = row
        .why
        .into_iter()
        .map(|why| Why { aspect: why.aspect, text: why.text, next: why.next, way_out: None })
        .collect();
    view! {
        <tr>
            <RowHead>
                <RowLink href=routes::support_environment(row.id) text=row.name />
            </RowHead>
            <Cell label="Customer">{row.customer}</Cell>
            <Cell label="Region">{row.region}</Cell>
            <Cell label="Stage">{row.stage}</Cell>
            <Cell label="State">
                <StateChip state=row.state />
            </Cell>
            <Cell label="Night">{row.when.map(|when| view! { <Moment when plain=true /> })}</Cell>
            <Cell label="Why">
                <WhyList reasons />
            </Cell>
        </tr>
    }
}
