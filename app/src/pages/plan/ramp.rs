//! The form that sets how many take part, of a station and audience or of all of one audience.

use domain::ids::RolloutId;
use domain::wire::plan::RampChoice;
use leptos::prelude::*;

use crate::{
    components::{Button, ButtonKind, Field, FieldKind, Panel, SelectField, SelectOption},
    pages::post_form::PostForm,
    state::form::Form,
};

#[component]
pub fn Ramp(id: RolloutId, choices: Vec<RampChoice>, only_up: bool, form: Form) -> impl IntoView {
    let options = choices.into_iter().map(|(key, name)| SelectOption::new(key, name)).collect();
    let hint = if only_up {
        "The rollout is started: a percentage can only be raised, and every approval given before is void."
    } else {
        "Who is taken is chosen by chance, anew for each rollout; whoever is in stays in when more are taken."
    };
    view! {
        <Panel title="How many take part">
            <PostForm form>
                <input type="hidden" name="input[rollout]" value=id.to_string() />
                <SelectField
                    name="input[stage]"
                    label="Station and audience"
                    options
                    value=form.typed("stage").unwrap_or_default()
                    error=form.error("stage")
                />
                <Field
                    name="input[percent]"
                    label="Percentage"
                    kind=FieldKind::Number
                    min="0"
                    max="100"
                    hint
                    value=form.typed("percent").unwrap_or_default()
                    error=form.error("percent")
                />
                <div class="actions">
                    <Button kind=ButtonKind::Ordinary busy=form.busy()>
                        "Set the percentage"
                    </Button>
                </div>
            </PostForm>
        </Panel>
    }
}
