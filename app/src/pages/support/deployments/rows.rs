//! The environments that were found.

use domain::wire::deployment::DeploymentRow;
use leptos::prelude::*;

use crate::{
    components::{Cell, CodeText, Column, DataTable, Moment, Panel, RowHead, RowLink, StateChip},
    routes,
};

#[component]
pub fn Rows(rows: Vec<DeploymentRow>) -> impl IntoView {
    let columns =
        ["Environment", "Customer", "Region", "Station", "Build", "Since", "State"].map(Column::text).to_vec();
    view! {
        <Panel title="Environments" flush=true>
            <DataTable caption="Environments found" columns>
                {rows.into_iter().map(|row| view! { <Row row /> }).collect_view()}
            </DataTable>
        </Panel>
    }
}

#[component]
fn Row(row: DeploymentRow) -> impl IntoView {
    view! {
        <tr>
            <RowHead>
                <RowLink href=routes::support_environment(row.id) text=row.name />
                <br />
                <span class="small muted">{row.kind_text}</span>
            </RowHead>
            <Cell label="Customer">{row.customer}</Cell>
            <Cell label="Region">{row.region}</Cell>
            <Cell label="Station">
                {row.station.map_or_else(|| "none".to_owned(), |station| station.to_string())}
            </Cell>
            <Cell label="Build">
                <CodeText text=row.build bare=true />
                <br />
                <span class="small muted">{row.service_update}</span>
            </Cell>
            <Cell label="Since">
                <Moment when=row.since plain=true />
            </Cell>
            <Cell label="State">
                {match row.state {
                    Some(state) => view! { <StateChip state reason=row.state_text /> }.into_any(),
                    None => view! { <span class="muted">{row.state_text}</span> }.into_any(),
                }}
            </Cell>
        </tr>
    }
}
