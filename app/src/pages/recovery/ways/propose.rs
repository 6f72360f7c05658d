//! The four ways as cards, each with whom it reaches or what closes it, and the form that proposes one of those open.

use domain::ids::RolloutId;
use domain::wire::{problem::REASON_CHARS_MAX, recovery::WayRow};
use leptos::prelude::*;

use crate::{
    components::{Button, ButtonKind, Choice, ChoiceGroup, TextArea},
    pages::{post_form::PostForm, sure::Confirmation},
    state::form::Form,
};

#[component]
pub fn Propose(rollout: RolloutId, ways: Vec<WayRow>, may_propose: bool, form: Form) -> impl IntoView {
    let typed = form.typed("path").unwrap_or_default();
    let any_open = ways.iter().any(|way| way.obstacles.is_empty());
    let cards = ways.into_iter().map(move |way| {
        let is_open = way.obstacles.is_empty();
        let checked = way.key == typed;
        let (title, text) = said(&way);
        view! { <Choice name="input[path]" value=way.key title text checked disabled=!(is_open && may_propose) /> }
    });
    let group = view! {
        <ChoiceGroup name="input[path]" legend="Way out of the halt" legend_hidden=true error=form.error("path")>
            {cards.collect_view()}
        </ChoiceGroup>
    };
    if !(may_propose && any_open) {
        return group.into_any();
    }
    view! {
        <PostForm form>
            <input type="hidden" name="input[rollout]" value=rollout.to_string() />
            {group}
            <TextArea
                name="input[reason]"
                label="Reason"
                value=form.typed("reason").unwrap_or_default()
                error=form.error("reason")
                required=true
                rows=3
                chars_max=REASON_CHARS_MAX
            />
            <Confirmation form label="Yes, propose this way; a second person approves it".to_owned() />
            <div class="actions">
                <Button kind=ButtonKind::Stop busy=form.busy()>
                    "Propose this way"
                </Button>
            </div>
        </PostForm>
    }
    .into_any()
}

/// Title and text of a card.
fn said(way: &WayRow) -> (String, String) {
    if way.obstacles.is_empty() {
        let left_out: Vec<String> = way.left_out.iter().map(|said| format!(" Not {said}.")).collect();
        (way.title.clone(), format!("{} {}.{} {}.", way.does, way.reach, left_out.concat(), way.because))
    } else {
        (format!("{}: closed", way.title), format!("{} {}.", way.does, way.obstacles.join(". ")))
    }
}
