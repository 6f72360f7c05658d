//! `/rollouts`: every train in execution, as a line one row high. It follows live changes.

use domain::wire::rollout::{RolloutRow, RolloutsView};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::rollout::{ListRollouts, list_rollouts},
    components::{Cell, Chip, CodeText, Column, DataTable, MiniLine, Panel, ProgressBar, RowHead, RowLink},
    format::count,
    layout::{EmptyState, IconName, PageHeader},
    pages::{
        ask::ask_once,
        loaded::Loaded,
        release::rollout::{Progress, progress},
    },
    routes,
    state::live::{after_changes, use_live},
};

#[component]
pub fn RolloutsPage() -> impl IntoView {
    let page = ask_once(ListRollouts::PATH, list_rollouts);
    let shown = RwSignal::new(Vec::new());
    let live = use_live();
    live.watch(Memo::new(move |_| shown.get()));
    after_changes(live.rollout(), move || page.refetch());
    view! {
        <Title text="Rollouts" />
        <Loaded
            page
            label="rollouts"
            view=move |page: RolloutsView| {
                shown.set(page.rows.iter().map(|row| row.id).collect());
                view! { <Body rows=page.rows /> }.into_any()
            }
        />
    }
    .into_any()
}

#[component]
fn Body(rows: Vec<RolloutRow>) -> impl IntoView {
    view! {
        <PageHeader title="Rollouts" />
        {if rows.is_empty() {
            view! {
                <EmptyState
                    icon=IconName::Train
                    title="No rollout yet"
                    text="A rollout appears here when a train with a build is planned."
                />
            }
                .into_any()
        } else {
            view! {
                <Panel title="Trains" flush=true>
                    <Rows rows />
                </Panel>
            }
                .into_any()
        }}
    }
}

#[component]
fn Rows(rows: Vec<RolloutRow>) -> impl IntoView {
    let columns = vec![
        Column::text("Train"),
        Column::text("Build"),
        Column::text("State"),
        Column::text("Line"),
        Column::text("Progress"),
        Column::number("Environments"),
        Column::text("Start"),
        Column::text("Last night"),
    ];
    view! {
        <DataTable caption="Rollouts" columns>
            {rows.into_iter().map(|row| view! { <Row row /> }).collect_view()}
        </DataTable>
    }
}

#[component]
fn Row(row: RolloutRow) -> impl IntoView {
    let where_text = (row.where_text != row.state).then_some(row.where_text);
    let is_planned = row.counts.total > 0;
    view! {
        <tr>
            <RowHead>
                <RowLink href=routes::rollout(row.id) text=row.train />
                " "
                <span class="small muted">{row.cadence}</span>
            </RowHead>
            <Cell label="Build">
                <CodeText text=row.build bare=true />
            </Cell>
            <Cell label="State">
                <Chip word=row.state aspect=Some(row.aspect) role=row.role />
                " "
                {where_text.map(|text| view! { <span class="small muted">{text}</span> })}
            </Cell>
            <Cell label="Line">
                <MiniLine states=row.line />
            </Cell>
            <Cell label="Progress">
                {if is_planned {
                    let Progress { done, failed, held, total } = progress(&row.counts);
                    view! { <ProgressBar done failed held total /> }.into_any()
                } else {
                    view! { <span class="small muted">"nobody aboard yet"</span> }.into_any()
                }}
            </Cell>
            <Cell label="Environments" numeric=true>
                {count(u64::from(row.counts.total))}
            </Cell>
            <Cell label="Start">{row.start}</Cell>
            <Cell label="Last night">{row.last_night.unwrap_or_else(|| "not known yet".to_owned())}</Cell>
        </tr>
    }
}
