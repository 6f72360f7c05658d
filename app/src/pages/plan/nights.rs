//! How many environments each stage takes, on which night, and how many of them a bad build can harm (I17).

use domain::wire::plan::PlanStageRow;
use leptos::prelude::*;

use crate::{
    components::{Cell, Column, DataTable, Panel, RowHead},
    format::count,
};

const NOTE: &str = "by the date of the night as published · harmed at most: so many updates can fail, with the worst build, before the gate of the stage halts it";

#[component]
pub fn Nights(stages: Vec<PlanStageRow>) -> impl IntoView {
    let columns = vec![
        Column::text("Stage"),
        Column::text("Window"),
        Column::number("Percentage"),
        Column::number("Aboard"),
        Column::number("Left out"),
        Column::number("Harmed at most"),
        Column::text("Nights"),
    ];
    view! {
        <Panel title="Stations and nights" note=NOTE flush=true>
            <DataTable caption="Stations and nights" columns>
                {stages.into_iter().map(|stage| view! { <Row stage /> }).collect_view()}
            </DataTable>
        </Panel>
    }
}

#[component]
fn Row(stage: PlanStageRow) -> impl IntoView {
    let PlanStageRow { title, window, percent, aboard, left_out, harmed_at_most, nights } = stage;
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
            <Cell label="Harmed at most" numeric=true>
                {harmed_at_most.map(|most| count(most.into()))}
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
