//! `/support/deployments`: which environments run which version, where and since when. The whole search is in the address.

mod rows;
mod where_it_is;

use domain::wire::{
    deployment::{DeploymentsParams, DeploymentsView},
    signal::UpdateStateWord,
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::deployment::{SearchDeployments, search_deployments},
    components::{Field, FieldKind, FilterBar, Pager, SelectField, SelectOption},
    format::{count, counted},
    layout::{EmptyState, IconName, PageHeader},
    pages::{
        ask::ask,
        loaded::Loaded,
        options::{all, kinds, states},
        support::deployments::{rows::Rows, where_it_is::WhereItIs},
    },
    params::{self, Params},
    routes,
    state::address::use_filters,
};

/// For the station filter: environments whose region has none.
pub(crate) const NO_STATION: &str = "none";

#[component]
pub fn DeploymentsPage() -> impl IntoView {
    let filters = use_filters::<DeploymentsParams>();
    let page = ask(SearchDeployments::PATH, filters, Params::to_argument, search_deployments);
    view! {
        <Title text="Deployments" />
        <Loaded
            page
            label="deployments"
            view=move |page: DeploymentsView| view! { <Body page filters=filters.get_untracked() /> }.into_any()
        />
    }
    .into_any()
}

#[component]
fn Body(page: DeploymentsView, filters: DeploymentsParams) -> impl IntoView {
    let DeploymentsView { understood, stations, matrix, rows, total, next, regions } = page;
    let unpaged = DeploymentsParams { after: String::new(), ..filters.clone() };
    let first = (!filters.after.is_empty()).then(|| params::deployments(&unpaged));
    let next = next.map(|after| params::deployments(&DeploymentsParams { after, ..unpaged.clone() }));
    let shown = rows.len() as u64;
    let summary = match total {
        Some(total) => format!("{} of {}", count(shown), counted(total, "environment", "environments")),
        None => counted(shown, "environment on this page", "environments on this page"),
    };
    view! {
        <PageHeader title="Deployments" sub=move || understood />
        <Filters filters=unpaged.clone() stations=stations.clone() regions />
        <WhereItIs filters=unpaged stations matrix />
        {if rows.is_empty() {
            view! {
                <EmptyState
                    icon=IconName::Deployments
                    title="No environment matches"
                    text="Try the beginning of a version such as 10.0.2645, a customer, or fewer filters."
                />
            }
                .into_any()
        } else {
            view! {
                <Rows rows />
                <Pager summary first next />
            }
                .into_any()
        }}
    }
}

#[component]
fn Filters(filters: DeploymentsParams, stations: Vec<u8>, regions: Vec<(String, String)>) -> impl IntoView {
    let filtered = filters != DeploymentsParams::default();
    let stations = std::iter::once(all())
        .chain(stations.into_iter().map(|station| SelectOption::new(station_key(station), station_name(station))))
        .collect();
    let regions =
        std::iter::once(all()).chain(regions.into_iter().map(|(slug, name)| SelectOption::new(slug, name))).collect();
    view! {
        <FilterBar action=routes::DEPLOYMENTS label="Deployments" clear=filtered.then(|| routes::DEPLOYMENTS.into())>
            <Field name="q" label="Version, build, customer or environment" kind=FieldKind::Search value=filters.q />
            <SelectField name="station" label="Station" options=stations value=filters.station />
            <SelectField name="region" label="Region" options=regions value=filters.region />
            <SelectField name="kind" label="Kind" options=kinds() value=filters.kind />
            <SelectField name="state" label="State" options=states(&UpdateStateWord::ALL) value=filters.state />
        </FilterBar>
    }
}

/// The column 0 stands for "no station".
pub(crate) fn station_key(station: u8) -> String {
    if station == 0 { NO_STATION.to_owned() } else { station.to_string() }
}

pub(crate) fn station_name(station: u8) -> String {
    if station == 0 { "No station".to_owned() } else { format!("Station {station}") }
}
