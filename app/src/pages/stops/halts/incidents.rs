//! What listening systems reported against builds: also what halted nothing has to be looked into.

use domain::wire::halt::IncidentRow;
use leptos::prelude::*;

use crate::components::{Cell, Column, DataTable, Moment, Panel, RowHead};

#[component]
pub fn Incidents(rows: Vec<IncidentRow>) -> impl IntoView {
    let columns = vec![
        Column::text("Incident"),
        Column::text("Opened"),
        Column::text("Build"),
        Column::text("Severity"),
        Column::text("Found"),
        Column::text("Led to"),
    ];
    (!rows.is_empty()).then(|| {
        view! {
            <Panel title="Incidents" note="reported by listening systems, the latest; also those that halted nothing" flush=true>
                <DataTable caption="Incidents reported against builds" columns>
                    {rows.into_iter().map(|row| view! { <Row row /> }).collect_view()}
                </DataTable>
            </Panel>
        }
    })
}

#[component]
fn Row(row: IncidentRow) -> impl IntoView {
    let IncidentRow { name, by, opened, build, severity, finding, outcome } = row;
    view! {
        <tr>
            <RowHead>{name} " " <span class="muted">{by}</span></RowHead>
            <Cell label="Opened">
                <Moment when=opened plain=true />
            </Cell>
            <Cell label="Build">{build}</Cell>
            <Cell label="Severity">{severity}</Cell>
            <Cell label="Found">{finding}</Cell>
            <Cell label="Led to">{outcome}</Cell>
        </tr>
    }
}
