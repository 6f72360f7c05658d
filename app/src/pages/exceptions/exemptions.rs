//! `/exemptions`: what waits for a decision, oldest first; below it what was decided, newest first.

use domain::ids::ExemptionId;
use domain::wire::exemption::{ExemptionRow, ExemptionsParams, ExemptionsView};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::exemption::{ListExemptions, list_exemptions},
    components::{Cell, Chip, Column, DataTable, Pager, Panel, RowHead, RowLink},
    format::counted,
    layout::{EmptyState, IconName, PageHeader},
    pages::{ask::ask, loaded::Loaded},
    params::Params,
    routes,
    state::address::use_filters,
};

#[component]
pub fn ExemptionsPage() -> impl IntoView {
    let filters = use_filters::<ExemptionsParams>();
    let page = ask(ListExemptions::PATH, filters, Params::to_argument, list_exemptions);
    view! {
        <Title text="Exemptions" />
        <Loaded
            page
            label="exemptions"
            view=move |page: ExemptionsView| {
                let is_first = filters.get_untracked().after.is_none();
                view! { <Body page is_first /> }.into_any()
            }
        />
    }
    .into_any()
}

#[component]
fn Body(page: ExemptionsView, is_first: bool) -> impl IntoView {
    let ExemptionsView { waiting, waiting_more, decided, next } = page;
    let none = waiting.is_empty() && decided.is_empty();
    let note = waiting_more.then(|| "the oldest; more wait".to_owned());
    let summary = counted(decided.len() as u64, "exemption on this page", "exemptions on this page");
    view! {
        <PageHeader title="Exemptions" />
        {none
            .then(|| {
                view! {
                    <EmptyState
                        icon=IconName::Approval
                        title="No exemption was asked for"
                        text="A regulated customer, or support for it, asks on the page of an environment. Requests wait here for a decision."
                    />
                }
            })}
        {(!waiting.is_empty() && is_first)
            .then(|| {
                view! {
                    <Panel title="Waiting for a decision" note flush=true>
                        <Rows caption="Requests that wait" rows=waiting />
                    </Panel>
                }
            })}
        {(!decided.is_empty())
            .then(|| {
                view! {
                    <Panel title="Decided" flush=true>
                        <Rows caption="Decided exemptions" rows=decided />
                        <Pager summary first=(!is_first).then(|| routes::EXEMPTIONS.to_owned()) next=next.map(older) />
                    </Panel>
                }
            })}
    }
}

fn older(after: ExemptionId) -> String {
    ExemptionsParams { after: Some(after) }.to_query().on(routes::EXEMPTIONS)
}

#[component]
fn Rows(caption: &'static str, rows: Vec<ExemptionRow>) -> impl IntoView {
    let columns = vec![
        Column::text("Environment"),
        Column::text("State"),
        Column::text("Until"),
        Column::text("Reason"),
        Column::text("Asked for by"),
    ];
    view! {
        <DataTable caption columns>
            {rows
                .into_iter()
                .map(|row| {
                    view! {
                        <tr>
                            <RowHead>
                                <RowLink href=routes::exemption(row.id) text=row.environment />
                                " "
                                <span class="small muted">{row.customer}</span>
                            </RowHead>
                            <Cell label="State">
                                <Chip word=row.state aspect=Some(row.aspect) />
                            </Cell>
                            <Cell label="Until">{row.until}</Cell>
                            <Cell label="Reason">{row.reason}</Cell>
                            <Cell label="Asked for by">{row.asked}</Cell>
                        </tr>
                    }
                })
                .collect_view()}
        </DataTable>
    }
}
