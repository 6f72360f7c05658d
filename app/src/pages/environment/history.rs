//! What was delivered to this environment.

use domain::wire::environment::HistoryRow;
use leptos::prelude::*;

use crate::{
    components::{Cell, CodeText, Column, DataTable, Moment, Panel, RowHead, StateChip},
    layout::{EmptyState, IconName},
};

#[component]
pub fn History(history: Vec<HistoryRow>) -> impl IntoView {
    let columns = ["Update", "Build", "Night", "Took", "Outcome"].map(Column::text).to_vec();
    view! {
        <Panel title="History" flush=true>
            {if history.is_empty() {
                view! {
                    <EmptyState
                        icon=IconName::Deployments
                        title="No update yet"
                        text="Each update of this environment is kept here, with its night and its outcome."
                    />
                }
                    .into_any()
            } else {
                view! {
                    <DataTable caption="Updates of this environment" columns>
                        {history.into_iter().map(|row| view! { <Row row /> }).collect_view()}
                    </DataTable>
                }
                    .into_any()
            }}
        </Panel>
    }
}

#[component]
fn Row(row: HistoryRow) -> impl IntoView {
    view! {
        <tr>
            <RowHead>{row.train}</RowHead>
            <Cell label="Build">
                <CodeText text=row.build bare=true />
            </Cell>
            <Cell label="Night">{row.when.map(|when| view! { <Moment when plain=true /> })}</Cell>
            <Cell label="Took">{row.took}</Cell>
            <Cell label="Outcome">
                <StateChip state=row.state reason=row.text />
            </Cell>
        </tr>
    }
}
