//! What the planner goes by: the nights of the week, the next service update, batch scheduling of production. The reasons
//! that come of it lead here.

use domain::ids::EnvironmentId;
use domain::wire::environment::PlanningForm;
use leptos::prelude::*;

use crate::{
    components::{Button, ButtonKind, CheckBox, ChoiceGroup, Field, FieldKind, Panel},
    pages::post_form::PostForm,
    state::form::Form,
};

#[component]
pub fn Planning(environment: EnvironmentId, planning: PlanningForm, form: Form) -> impl IntoView {
    let PlanningForm { days, usual, date, due_text, priority_batch, generation } = planning;
    let typed_days = form.typed("days");
    let ticked =
        move |key: &str, now: bool| typed_days.as_ref().map_or(now, |typed| typed.split(',').any(|typed| typed == key));
    let date = form.typed("date").unwrap_or(date);
    let due_hint =
        [Some("The day on which you take it, as far as you know. It brings the same fixes.".to_owned()), due_text];
    let due_hint = due_hint.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let batch = priority_batch.map(|on| form.typed("priority_batch").map_or(on, |typed| !typed.is_empty()));
    view! {
        <Panel title="How is it planned?" id="planning">
            <PostForm form>
                <input type="hidden" name="input[environment]" value=environment.to_string() />
                <input type="hidden" name="input[generation]" value=generation.to_string() />
                <ChoiceGroup
                    name="input[days]"
                    legend=format!("Nights on which it may be updated. None ticked: the usual ones, {usual}.")
                    error=form.error("days")
                >
                    {days
                        .into_iter()
                        .map(|(key, label, chosen)| {
                            let checked = ticked(&key, chosen);
                            view! { <CheckBox name="input[days][]" value=key label checked /> }
                        })
                        .collect_view()}
                </ChoiceGroup>
                <Field
                    name="input[date]"
                    label="Next service update"
                    kind=FieldKind::Date
                    value=date
                    hint=due_hint
                    error=form.error("date")
                />
                {batch
                    .map(|checked| {
                        view! {
                            <CheckBox
                                name="input[priority_batch]"
                                label="Priority-based batch scheduling is switched on in this environment. Without it, production is left out."
                                checked
                                error=form.error("priority_batch")
                            />
                        }
                    })}
                <div class="actions">
                    <Button kind=ButtonKind::Main busy=form.busy()>
                        "Save planning"
                    </Button>
                </div>
            </PostForm>
        </Panel>
    }
}
