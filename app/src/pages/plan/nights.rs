//! How many environments each stage takes, on which night.

use domain::wire::plan::PlanStageRow;
use leptos::prelude::*;

use crate::{
    components::{Cell, Column, DataTable, Panel, RowHead},
    format::count,
};

#[component]
pub fn Nights(stages: Vec<PlanStageRow>) -> impl IntoView {
    let columns = vec![
        Column::text("Stage"),
        Column::text("Window"),
        Column::number("Percentage"),
        Column::number("Aboard"),
        Column::number("Left out"),
        Column::text("Nights"),
    ];
    view! {
        <Panel title="Stations and nights" note="by the date of the night as published" flush=true>
            <DataTable caption="Stations and nights" columns>
                {stages.into_iter().map(|stage| view! { <Row stage /> }).collect_view()}
            </DataTable>
        </Panel>
    }
}

#[component]
fn Row(stage: PlanStageRow) -> impl IntoView {
    let PlanStageRow { title, window, percent, aboard, left_out, nights } = stage;
    view! {
        <tr>
            <RowHead>{title}</RowHead>
            <Cell label="Window" tight=true>
                {window}
            </Cell>
            <Cell label="Percentage" numeric=true>
                {format!("{percent} %")}
            </Cell>
            <Cell label="Aboard" numeric=true>
                {count(aboard.into())}
            </Cell>
            <Cell label="Left out" numeric=true>
                {count(left_out.into())}
            </Cell>
            <Cell label="Nights">
                <ul role="list">
                    {nights
                        .into_iter()
                        .map(|(date, environments)| view! { <li>{format!("{date}: {}", count(environments.into()))}</li> })
                        .collect_view()}
                </ul>
            </Cell>
        </tr>
    }
}
