//! `/incidents`: what listening systems and people reported against builds, what each led to, and the form that reports one.

mod report;

use domain::wire::incident::{IncidentRow, IncidentsParams, IncidentsView};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use self::report::Report;
use crate::{
    api::incident::{ListIncidents, ReportIncident, list_incidents},
    components::{Cell, CodeText, Column, DataTable, Moment, Pager, Panel, RowHead},
    format::counted,
    layout::{EmptyState, IconName, PageHeader},
    pages::{ask::ask, loaded::Loaded},
    params::Params,
    routes,
    state::{
        address::use_filters,
        form::{Form, use_form},
        form_key::FormKey,
        shell::use_shell,
    },
};

#[component]
pub fn IncidentsPage() -> impl IntoView {
    let filters = use_filters::<IncidentsParams>();
    let page = ask(ListIncidents::PATH, filters, Params::to_argument, list_incidents);
    let shell = use_shell();
    // Each report begins with an empty form. The page does not follow changes: under a reader who fills in the form nothing
    // moves.
    let reports = RwSignal::new(0_u32);
    let form = use_form::<ReportIncident>(FormKey::ReportIncident, move || {
        reports.update(|count| *count += 1);
        page.refetch();
        // How many halts are in force stands in the rail.
        shell.refetch();
    });
    view! {
        <Title text="Incidents" />
        <Loaded
            page
            label="incidents"
            view=move |view: IncidentsView| {
                let is_first = filters.get_untracked().after.is_empty();
                view! { <Body view is_first form reports=reports.into() /> }.into_any()
            }
        />
    }
    .into_any()
}

#[component]
fn Body(view: IncidentsView, is_first: bool, form: Form, reports: Signal<u32>) -> impl IntoView {
    let IncidentsView { rows, next, choices } = view;
    let summary = counted(rows.len() as u64, "incident on this page", "incidents on this page");
    let next = next.map(|after| IncidentsParams { after }.to_query().on(routes::INCIDENTS));
    view! {
        <PageHeader
            title="Incidents"
            sub=|| {
                view! {
                    <p>
                        "What customers suffer from halts the build at once. Halts are lifted on the page of "
                        <a href=routes::HALTS>"halts"</a> "."
                    </p>
                }
            }
        />
        {choices
            .map(|choices| {
                view! {
                    <For each=move || [reports.get()] key=|report| *report let(_)>
                        <Report choices=choices.clone() form />
                    </For>
                }
            })}
        <Panel title="Reported" flush=true>
            {if rows.is_empty() {
                view! {
                    <EmptyState
                        icon=IconName::Alert
                        title="No incident was reported"
                        text="What listening systems and people report against builds stands here, also what halted nothing."
                    />
                }
                    .into_any()
            } else {
                view! {
                    <Rows rows />
                    <Pager summary first=(!is_first).then(|| routes::INCIDENTS.to_owned()) next />
                }
                    .into_any()
            }}
        </Panel>
    }
}

#[component]
fn Rows(rows: Vec<IncidentRow>) -> impl IntoView {
    let columns = ["Incident", "Opened", "Build", "Severity", "Found", "Led to"].map(Column::text).to_vec();
    view! {
        <DataTable caption="Incidents reported against builds" columns>
            {rows.into_iter().map(|row| view! { <Row row /> }).collect_view()}
        </DataTable>
    }
}

#[component]
fn Row(row: IncidentRow) -> impl IntoView {
    let IncidentRow { name, by, opened, build, severity, by_people, finding, outcome } = row;
    view! {
        <tr>
            <RowHead>{name} " " <span class="small muted">{by}</span></RowHead>
            <Cell label="Opened">
                <Moment when=opened plain=true />
            </Cell>
            <Cell label="Build">
                <CodeText text=build bare=true />
            </Cell>
            <Cell label="Severity">{if by_people { format!("{severity}, noticed by customers") } else { severity }}</Cell>
            <Cell label="Found">
                <span class="free">{finding}</span>
            </Cell>
            <Cell label="Led to">{outcome}</Cell>
        </tr>
    }
}
