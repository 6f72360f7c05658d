//! Taking the coming build ahead of its night. Each night says what it does before it is chosen, by the rule that will
//! carry it out; where none can be chosen, why not and from when on.

use domain::ids::EnvironmentId;
use domain::wire::environment::{PullOption, PullView};
use leptos::prelude::*;

use crate::{
    components::{Button, ButtonKind, Choice, ChoiceGroup, Panel},
    pages::post_form::PostForm,
    state::form::Form,
};

#[component]
pub fn TakeAhead(environment: EnvironmentId, pull: PullView, take: Form, undo: Form) -> impl IntoView {
    let (PullView::Offered { build, .. } | PullView::Refused { build, .. } | PullView::Booked { build, .. }) = &pull;
    let note = format!("build {build}");
    let inside = match pull {
        PullView::Offered { options, generation, .. } => {
            view! { <Nights environment options generation form=take /> }.into_any()
        }
        PullView::Refused { why, way_out, .. } => view! {
            <p>"It cannot be taken ahead now. " {why}</p>
            <p>{way_out}</p>
        }
        .into_any(),
        PullView::Booked { says, generation, .. } => view! {
            <p>{says}</p>
            <PostForm form=undo>
                <Sent environment generation />
                <div class="actions">
                    <Button kind=ButtonKind::Ordinary busy=undo.busy()>
                        "Do not take it ahead"
                    </Button>
                </div>
            </PostForm>
        }
        .into_any(),
    };
    view! {
        <Panel title="Take it ahead" id="take-ahead" note>
            <div class="stack">{inside}</div>
        </Panel>
    }
}

/// What both forms send.
#[component]
fn Sent(environment: EnvironmentId, generation: i64) -> impl IntoView {
    view! {
        <input type="hidden" name="input[environment]" value=environment.to_string() />
        <input type="hidden" name="input[generation]" value=generation.to_string() />
    }
}

#[component]
fn Nights(environment: EnvironmentId, options: Vec<PullOption>, generation: i64, form: Form) -> impl IntoView {
    let typed = form.typed("start");
    view! {
        <PostForm form>
            <Sent environment generation />
            <ChoiceGroup
                name="input[start]"
                legend="When is the update to start?"
                error=form.error("start")
            >
                {options
                    .into_iter()
                    .map(|PullOption { key, title, effect }| {
                        let checked = typed.as_ref() == Some(&key);
                        view! { <Choice name="input[start]" value=key title text=effect checked /> }
                    })
                    .collect_view()}
            </ChoiceGroup>
            <div class="actions">
                <Button kind=ButtonKind::Main busy=form.busy()>
                    "Take it ahead"
                </Button>
            </div>
        </PostForm>
    }
}
