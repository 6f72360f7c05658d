//! Whether this environment is exempt from quality updates, and the form with which one asks for it.

use domain::ids::EnvironmentId;
use domain::number::days;
use domain::wire::exemption::ExemptionPanel;
use domain::wire::problem::REASON_CHARS_MAX;
use leptos::prelude::*;

use crate::{
    components::{Button, ButtonKind, Disclosure, Fact, Facts, Field, FieldKind, Panel, TextArea},
    pages::post_form::PostForm,
    state::form::Form,
};

#[component]
pub fn Exemption(environment: EnvironmentId, exemption: ExemptionPanel, form: Form) -> impl IntoView {
    let ExemptionPanel { says, newest, may_ask, longest_days } = exemption;
    view! {
        <Panel title="Exemption" id="exemption">
            <div class="stack">
                <p>{says}</p>
                {newest
                    .map(|(word, facts)| {
                        view! {
                            <Facts>
                                <Fact term="State">{word}</Fact>
                                {facts.into_iter().map(|(term, value)| view! { <Fact term>{value}</Fact> }).collect_view()}
                            </Facts>
                        }
                    })}
                {may_ask.then(|| view! { <Ask environment longest_days form /> })}
            </div>
        </Panel>
    }
}

#[component]
fn Ask(environment: EnvironmentId, longest_days: u16, form: Form) -> impl IntoView {
    let typed = move |field| form.typed(field).unwrap_or_default();
    view! {
        <Disclosure summary="Ask for an exemption…" open=form.open()>
            <PostForm form>
                <input type="hidden" name="input[environment]" value=environment.to_string() />
                <TextArea
                    name="input[reason]"
                    label="Reason"
                    hint="Why no quality update may come for a time."
                    value=typed("reason")
                    error=form.error("reason")
                    rows=3
                    chars_max=REASON_CHARS_MAX
                />
                <TextArea
                    name="input[evidence]"
                    label="Evidence"
                    hint="The document that proves it, such as a validation plan, by its name or address."
                    value=typed("evidence")
                    error=form.error("evidence")
                    rows=2
                    chars_max=REASON_CHARS_MAX
                />
                <Field
                    name="input[last_day]"
                    label="Last day"
                    kind=FieldKind::Date
                    hint=format!(
                        "It ends with this day, by UTC; {} from today at most. You are reminded before it ends.",
                        days(longest_days),
                    )
                    value=typed("last_day")
                    error=form.error("last_day")
                />
                <div class="actions">
                    <Button kind=ButtonKind::Main busy=form.busy()>
                        "Ask for the exemption"
                    </Button>
                </div>
            </PostForm>
        </Disclosure>
    }
}
