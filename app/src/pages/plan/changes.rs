//! What is another than in the plan before, and why.

use domain::wire::plan::DifferenceView;
use leptos::prelude::*;

use crate::components::{Cell, Column, DataTable, Panel, RowHead};

#[component]
pub fn Changes(difference: DifferenceView) -> impl IntoView {
    let DifferenceView { because, rows } = difference;
    let columns = vec![Column::text("What"), Column::number("Before"), Column::number("Now")];
    view! {
        <Panel title="What changed" note=because>
            {if rows.is_empty() {
                view! { <p class="muted">"Nobody's night moves, and nobody is left out who was not before."</p> }.into_any()
            } else {
                view! {
                    <DataTable caption="What changed" columns>
                        {rows
                            .into_iter()
                            .map(|row| {
                                view! {
                                    <tr>
                                        <RowHead>{row.what}</RowHead>
                                        <Cell label="Before" numeric=true>
                                            {row.before}
                                        </Cell>
                                        <Cell label="Now" numeric=true>
                                            {row.after}
                                        </Cell>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </DataTable>
                }
                    .into_any()
            }}
        </Panel>
    }
}
