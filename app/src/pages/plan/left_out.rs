//! Who is left out, by reason; each reason opens the list of its environments.

use domain::wire::plan::{LeftOutRow, ListedView, PlanParams};
use leptos::prelude::*;

use crate::{
    components::{Cell, Column, DataTable, Pager, Panel, RowHead, RowLink},
    format::{count, counted},
    params, routes,
};

#[component]
pub fn LeftOut(rows: Vec<LeftOutRow>, listed: Option<ListedView>, filters: PlanParams) -> impl IntoView {
    let columns = vec![Column::text("Reason"), Column::number("Environments")];
    let rollout = filters.rollout;
    view! {
        <Panel title="Left out" flush=true>
            {if rows.is_empty() {
                view! { <p class="panel-body muted">"Nobody who runs this service update is left out."</p> }.into_any()
            } else {
                view! {
                    <DataTable caption="Left out" columns>
                        {rows
                            .into_iter()
                            .map(|row| {
                                let href = params::plan(
                                    &PlanParams { rollout, why: row.key, after: String::new() },
                                );
                                view! {
                                    <tr>
                                        <RowHead>
                                            <RowLink href text=row.word />
                                        </RowHead>
                                        <Cell label="Environments" numeric=true>
                                            {count(row.environments.into())}
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
        {listed.map(|listed| view! { <Listed listed filters /> })}
    }
}

#[component]
fn Listed(listed: ListedView, filters: PlanParams) -> impl IntoView {
    let ListedView { word, rows, next } = listed;
    let unpaged = PlanParams { after: String::new(), ..filters.clone() };
    let first = (!filters.after.is_empty()).then(|| params::plan(&unpaged));
    let next = next.map(|after| params::plan(&PlanParams { after, ..unpaged.clone() }));
    let summary = counted(rows.len() as u64, "environment on this page", "environments on this page");
    let columns = ["Environment", "Region", "Why"].map(Column::text).to_vec();
    view! {
        <Panel title=word id="listed" flush=true>
            <DataTable caption="Environments left out" columns>
                {rows
                    .into_iter()
                    .map(|row| {
                        view! {
                            <tr>
                                <RowHead>
                                    <RowLink href=routes::support_environment(row.id) text=row.name />
                                </RowHead>
                                <Cell label="Region">{row.region}</Cell>
                                <Cell label="Why">{row.why}</Cell>
                            </tr>
                        }
                    })
                    .collect_view()}
            </DataTable>
        </Panel>
        <Pager summary first next />
    }
}
