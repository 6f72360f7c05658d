//! What comes next for this environment, and where its train is.

use domain::wire::{
    environment::NextUpdateView,
    signal::{LineNode, UpdateStateWord},
};
use leptos::prelude::*;

use crate::{
    components::{Figure, Figures, Line, Moment, Notice, NoticeKind, Panel, StateChip},
    layout::{EmptyState, IconName},
};

#[component]
pub fn Next(next: Option<NextUpdateView>, unsettled: Option<String>, line: Vec<LineNode>) -> impl IntoView {
    let Some(next) = next else { return view! { <Nothing unsettled /> }.into_any() };
    let NextUpdateView { train, build, state, when, night_chosen, announced, moved, impact, .. } = next;
    let meaning = match (state, night_chosen) {
        (UpdateStateWord::Halted, true) => "was announced; nothing starts while the train is halted",
        (UpdateStateWord::Halted, false) => "was planned; no night is chosen while the train is halted",
        (_, true) => "the night of the update",
        (_, false) => "planned; the night is not chosen yet",
    };
    let says = personal(&line, &when.text, state, night_chosen);
    view! {
        <Panel title=format!("Next: {train}") id="next" note=format!("build {build}") flush=true>
            <div class="panel-body stack">
                <div class="row">
                    <StateChip state />
                    {announced
                        .map(|at| {
                            view! {
                                <span class="small muted">"announced " <Moment when=at plain=true /></span>
                            }
                        })}
                </div>
                {moved.map(|moved| view! { <Notice kind=NoticeKind::Caution title=moved /> })} <Figures>
                    <Figure value=when.text.clone() label=meaning />
                    <Figure value=impact label="what to expect" />
                </Figures>
                {(!when.hint.is_empty()).then(|| view! { <p class="small muted">{when.hint.clone()}</p> })}
            </div>
            {(!line.is_empty()).then(|| view! { <Line nodes=line label=format!("Stations of {train}") says /> })}
        </Panel>
    }
    .into_any()
}

/// No date to show: nothing comes, or what comes has no date yet.
#[component]
fn Nothing(unsettled: Option<String>) -> impl IntoView {
    let (title, text) = match unsettled {
        Some(text) => ("No night is chosen", text),
        None => (
            "No update is planned",
            "When the next train is scheduled for this environment, it is said here and in a notification.".to_owned(),
        ),
    };
    view! {
        <Panel title="Next update">
            <EmptyState icon=IconName::Train title text />
        </Panel>
    }
}

/// "Your environment is at station 4; …"
fn personal(line: &[LineNode], when: &str, state: UpdateStateWord, night_chosen: bool) -> Option<String> {
    let yours = line.iter().find(|node| node.is_yours)?;
    let arrives = match (state, night_chosen) {
        (UpdateStateWord::Halted, _) => "the train is halted, and a night that passes meanwhile moves".to_owned(),
        (_, true) => format!("its update runs in the night of {when}"),
        (_, false) => format!("its night is not chosen yet, and expected {when}"),
    };
    Some(format!("This environment is at station {}; {arrives}.", yours.station))
}
