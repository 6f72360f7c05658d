//! Halting, in two steps: what, which the address then says, and a look at whom it touches before it is confirmed.

use domain::wire::halt::{HaltChoices, HaltPreview, HaltTarget};
use domain::wire::problem::FormProblem;
use leptos::prelude::*;

use super::super::confirmed::Confirmed;
use crate::{
    components::{Button, ButtonKind, Field, Notice, NoticeKind, Panel, SelectField, SelectOption},
    routes,
    state::form::Form,
};

#[component]
pub fn Place(
    choices: HaltChoices,
    target: HaltTarget,
    preview: Option<HaltPreview>,
    problem: Option<FormProblem>,
    form: Form,
) -> impl IntoView {
    let in_the_way = problem.filter(|problem| problem.field().is_none());
    let named = target.clone();
    view! {
        <Panel title="Halt something" id="halt">
            {in_the_way.map(|problem| view! { <Notice kind=NoticeKind::Caution title=problem.message() /> })}
            <What choices target=named problem />
        </Panel>
        {preview.map(|preview| view! { <Sure preview target form /> })}
    }
}

#[component]
fn What(choices: HaltChoices, target: HaltTarget, problem: Option<FormProblem>) -> impl IntoView {
    let error = move |field: &'static str| {
        problem.filter(|problem| problem.field() == Some(field)).map(|problem| problem.message().to_owned())
    };
    let HaltChoices { whats, builds, rollouts, stations } = choices;
    let parts = whats.iter().any(|(what, _)| what != "everything");
    let builds =
        SelectOption::or_none("Choose a build", builds.into_iter().map(|(id, version)| (id.to_string(), version)));
    let rollouts =
        SelectOption::or_none("Every rollout", rollouts.into_iter().map(|(id, train)| (id.to_string(), train)));
    let stations = SelectOption::or_none(
        "Choose a station",
        stations.into_iter().map(|n| (n.to_string(), format!("Station {n}"))),
    );
    view! {
        <form class="stack prose" method="get" action=routes::HALTS aria-label="What to halt">
            <SelectField
                name="what"
                label="Halt"
                options=SelectOption::or_none("Choose what to halt", whats.into_iter())
                value=target.what
                error=error("what")
            />
            {parts
                .then(|| {
                    view! {
                        <SelectField
                            name="build"
                            label="Build"
                            hint="For a build. Every rollout of it stops."
                            options=builds
                            value=target.build
                            error=error("build")
                        />
                        <SelectField
                            name="rollout"
                            label="Rollout"
                            hint="For a station; for a customer only where it is to stop in one rollout alone."
                            options=rollouts
                            value=target.rollout
                            error=error("rollout")
                        />
                        <SelectField
                            name="station"
                            label="Station"
                            hint="For a station."
                            options=stations
                            value=target.station
                            error=error("station")
                        />
                        <Field
                            name="customer"
                            label="Customer"
                            hint="For a customer: its domain, as in contoso.example. Nobody else waits."
                            value=target.customer
                            error=error("customer")
                        />
                    }
                })}
            <div class="actions">
                <Button kind=ButtonKind::Main>"Show what it stops"</Button>
            </div>
        </form>
    }
}

#[component]
fn Sure(preview: HaltPreview, target: HaltTarget, form: Form) -> impl IntoView {
    let HaltPreview { what, effect, environments, .. } = preview;
    let HaltTarget { what: kind, build, rollout, station, customer } = target;
    let fields =
        vec![("what", kind), ("build", build), ("rollout", rollout), ("station", station), ("customer", customer)];
    view! {
        <Confirmed
            id="confirm"
            title="Is this what you want to halt?".to_owned()
            fields
            object=what.clone()
            environments=Some(u64::from(environments))
            effect
            label=format!("Yes, halt: {what}")
            button="Halt it now".to_owned()
            form
        />
    }
}
