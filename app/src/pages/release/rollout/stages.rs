//! Each stage with its window, its counts and why it waits, in the planner's words.

use domain::ids::RolloutId;
use domain::rollout::report::StageCounts;
use domain::wire::rollout::{RolloutEnvironmentsParams, StageRow};
use leptos::prelude::*;

use super::progress;
use crate::{
    components::{Cell, Chip, Column, DataTable, Moment, Panel, ProgressBar, RowHead, RowLink, Why, WhyList},
    format::{count, counted},
    params,
};

#[component]
pub fn Stages(rollout: RolloutId, stages: Vec<StageRow>, unplaced: StageCounts, not_aboard: u64) -> impl IntoView {
    let columns = vec![
        Column::text("Stage"),
        Column::text("Window"),
        Column::number("Environments"),
        Column::text("Progress"),
        Column::number("Done"),
        Column::number("Failed"),
        Column::text("State"),
        Column::text("Why"),
    ];
    let unplaced = u64::from(unplaced.total);
    view! {
        <Panel title="Stages" note="each waits for the one before it" flush=true>
            <DataTable caption="Stages" columns>
                {stages.into_iter().map(|stage| view! { <Row rollout stage /> }).collect_view()}
            </DataTable>
        </Panel>
        {(unplaced > 0 || not_aboard > 0)
            .then(|| {
                view! {
                    <p class="small muted">
                        {(unplaced > 0)
                            .then(|| {
                                format!(
                                    "{} no stage: no station of this rollout takes their region. ",
                                    counted(unplaced, "environment has", "environments have"),
                                )
                            })}
                        {(not_aboard > 0)
                            .then(|| {
                                format!(
                                    "{} another service update, which this train does not meet.",
                                    counted(not_aboard, "environment runs", "environments run"),
                                )
                            })}
                    </p>
                }
            })}
    }
}

#[component]
fn Row(rollout: RolloutId, stage: StageRow) -> impl IntoView {
    let StageRow { station, audience, title, window, counts, state, aspect, role, why, next, halt, may_stop } = stage;
    let stop = may_stop.then(|| match halt {
        Some(halt) => (params::lift_halt(halt), format!("Lift the halt of station {station}")),
        None => (params::halt_station(rollout, station), format!("Halt station {station}…")),
    });
    let href = params::rollout_environments(&RolloutEnvironmentsParams {
        rollout: Some(rollout),
        station: station.to_string(),
        audience,
        ..RolloutEnvironmentsParams::default()
    });
    let done = progress(&counts);
    let reasons: Vec<Why> =
        why.into_iter().map(|why| Why { aspect: why.aspect, text: why.text, next: why.next, way_out: None }).collect();
    view! {
        <tr>
            <RowHead>
                <RowLink href text=title />
            </RowHead>
            <Cell label="Window">{window}</Cell>
            <Cell label="Environments" numeric=true>
                {count(done.total)}
            </Cell>
            <Cell label="Progress">
                <ProgressBar done=done.done failed=done.failed held=done.held total=done.total />
            </Cell>
            <Cell label="Done" numeric=true>
                {count(done.done)}
            </Cell>
            <Cell label="Failed" numeric=true>
                {count(done.failed)}
            </Cell>
            <Cell label="State">
                <Chip word=state aspect=Some(aspect) role />
                {stop.map(|(href, text)| view! { " " <a class="small" href=href>{text}</a> })}
            </Cell>
            <Cell label="Why">
                <WhyList reasons />
                {next
                    .map(|when| {
                        view! {
                            <span class="small muted">"Next look: " <Moment when plain=true /></span>
                        }
                    })}
            </Cell>
        </tr>
    }
}
