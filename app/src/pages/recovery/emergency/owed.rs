//! What the emergency paths of all rollouts still owe. It stays here until it is done.

use domain::wire::{emergency::OwedRow, signal::Aspect};
use leptos::prelude::*;

use crate::{
    components::{Panel, SignalMark},
    routes,
};

#[component]
pub fn Owed(owed: Vec<OwedRow>) -> impl IntoView {
    view! {
        <Panel title="Owed" note="by emergency paths of all rollouts">
            <ul class="stack" role="list">
                {owed
                    .into_iter()
                    .map(|row| {
                        let aspect = if row.overdue { Aspect::Stop } else { Aspect::Caution };
                        view! {
                            <li>
                                <SignalMark aspect />
                                " "
                                <a href=routes::emergency(row.rollout)>{row.train}</a>
                                ": "
                                {row.text}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </Panel>
    }
}
