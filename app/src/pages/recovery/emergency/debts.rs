//! The shortened gates, each completed out of band, and the review that closes the path.

use domain::ids::{EmergencyId, RolloutId};
use domain::wire::{
    emergency::{DebtRow, EmergencyView},
    problem::REASON_CHARS_MAX,
};
use leptos::prelude::*;

use super::EmergencyForms;
use crate::{
    components::{
        Button, ButtonKind, Disclosure, Field, FieldKind, Moment, SelectField, SelectOption, SignalMark, TextArea,
    },
    pages::post_form::PostForm,
    state::form::Form,
};

#[component]
pub fn Debts(rollout: RolloutId, path: EmergencyView, forms: EmergencyForms) -> impl IntoView {
    let EmergencyView { id, debts, may_review, review, review_due, .. } = path;
    let open: Vec<SelectOption> = debts
        .iter()
        .filter(|debt| debt.may_complete)
        .map(|debt| SelectOption::new(debt.key.clone(), debt.title.clone()))
        .collect();
    let (gate, write) = forms.with_value(|forms| (forms.gate, forms.review));
    view! {
        {(!debts.is_empty())
            .then(|| {
                view! {
                    <h3>"Shortened, to be completed out of band"</h3>
                    <ul class="stack" role="list">
                        {debts.into_iter().map(|debt| view! { <Debt debt /> }).collect_view()}
                    </ul>
                }
            })}
        {(!open.is_empty()).then(|| view! { <Complete rollout id open form=gate /> })}
        {review.map(|review| view! { <p>"Reviewed by " {review}</p> })}
        {review_due
            .map(|due| {
                view! {
                    <p>
                        <strong>"A review is owed until "</strong>
                        <Moment when=due plain=true />
                    </p>
                }
            })}
        {may_review.then(|| view! { <Review rollout id form=write /> })}
    }
}

#[component]
fn Debt(debt: DebtRow) -> impl IntoView {
    let DebtRow { title, due, results, aspect, .. } = debt;
    view! {
        <li>
            <p>
                <SignalMark aspect />
                " "
                <strong>{title}</strong>
                ", due "
                <Moment when=due plain=true />
            </p>
            {results.into_iter().map(|result| view! { <p class="small">{result}</p> }).collect_view()}
        </li>
    }
}

#[component]
fn Complete(rollout: RolloutId, id: EmergencyId, open: Vec<SelectOption>, form: Form) -> impl IntoView {
    let typed = move |field: &str| form.typed(field).unwrap_or_default();
    let results = vec![
        SelectOption::new("", "Choose…"),
        SelectOption::new("pass", "Passed"),
        SelectOption::new("fail", "Failed"),
    ];
    view! {
        <Disclosure summary="Complete a shortened gate…" open=form.open()>
            <PostForm form>
                <input type="hidden" name="input[rollout]" value=rollout.to_string() />
                <input type="hidden" name="input[emergency]" value=id.to_string() />
                <SelectField
                    name="input[gate]"
                    label="Gate"
                    options=open
                    value=typed("gate")
                    error=form.error("gate")
                />
                <SelectField
                    name="input[result]"
                    label="Result"
                    options=results
                    value=typed("result")
                    error=form.error("result")
                />
                <TextArea
                    name="input[evidence]"
                    label="Evidence"
                    hint="What was run, and where its result is."
                    value=typed("evidence")
                    error=form.error("evidence")
                    rows=3
                    chars_max=REASON_CHARS_MAX
                />
                <div class="actions">
                    <Button kind=ButtonKind::Ordinary busy=form.busy()>
                        "Complete the gate"
                    </Button>
                </div>
            </PostForm>
        </Disclosure>
    }
}

#[component]
fn Review(rollout: RolloutId, id: EmergencyId, form: Form) -> impl IntoView {
    view! {
        <Disclosure summary="Write the review…" kind=ButtonKind::Main open=form.open()>
            <PostForm form>
                <input type="hidden" name="input[rollout]" value=rollout.to_string() />
                <input type="hidden" name="input[emergency]" value=id.to_string() />
                <TextArea
                    name="input[review]"
                    label="What was learnt"
                    hint="Blameless: what happened, what helped, what changes."
                    value=form.typed("review").unwrap_or_default()
                    error=form.error("review")
                    chars_max=REASON_CHARS_MAX
                />
                <Field
                    name="input[link]"
                    label="Where more is written"
                    kind=FieldKind::Url
                    value=form.typed("link").unwrap_or_default()
                />
                <div class="actions">
                    <Button kind=ButtonKind::Main busy=form.busy()>
                        "Save the review"
                    </Button>
                </div>
            </PostForm>
        </Disclosure>
    }
}
