//! The form that asks for the emergency path: why, how bad, what is shortened and to what, which freezes, for how long.

use domain::ids::RolloutId;
use domain::wire::{
    emergency::{ChoiceRow, EmergencyTerms},
    problem::REASON_CHARS_MAX,
};
use leptos::prelude::*;

use crate::{
    components::{
        Button, ButtonKind, CheckBox, Disclosure, Field, FieldKind, Panel, SelectField, SelectOption, TextArea,
    },
    pages::{post_form::PostForm, sure::Confirmation},
    state::form::Form,
};

#[component]
pub fn Request(
    rollout: RolloutId,
    may_request: bool,
    why_not: String,
    terms: EmergencyTerms,
    form: Form,
) -> impl IntoView {
    let approvers = match terms.approvers.as_slice() {
        [] => "The operator has named nobody yet.".to_owned(),
        named => format!("Approved by two of {}, none of whom asked for it.", named.join(", ")),
    };
    let usual = format!("As usual: {}.", terms.usual);
    view! {
        <Panel title="Ask for it">
            <p>
                "Gates and bakes are shortened, never dropped; a gate that fails stops the train all the same. It ends by itself, what was shortened is completed afterwards, and a review is owed."
            </p>
            <p class="small muted">{usual}</p>
            <p class="small muted">{approvers}</p>
            {if may_request {
                view! {
                    <Disclosure summary="Ask for the emergency path…" kind=ButtonKind::Stop open=form.open()>
                        <Fields rollout terms form />
                    </Disclosure>
                }
                    .into_any()
            } else {
                view! { <p class="muted">{why_not}</p> }.into_any()
            }}
        </Panel>
    }
}

fn options(rows: Vec<ChoiceRow>) -> Vec<SelectOption> {
    let choose = SelectOption::new("", "Choose…");
    std::iter::once(choose).chain(rows.into_iter().map(|row| SelectOption::new(row.key, row.label))).collect()
}

#[component]
fn Fields(rollout: RolloutId, terms: EmergencyTerms, form: Form) -> impl IntoView {
    let typed = move |field: &str| form.typed(field).unwrap_or_default();
    let EmergencyTerms { criteria, severities, freezes, gap_days_min, lasts_hours_max, .. } = terms.clone();
    view! {
        <PostForm form>
            <input type="hidden" name="input[rollout]" value=rollout.to_string() />
            <SelectField
                name="input[criterion]"
                label="What makes it an emergency"
                options=options(criteria)
                value=typed("criterion")
                error=form.error("criterion")
                required=true
            />
            <SelectField
                name="input[severity]"
                label="Severity"
                options=options(severities)
                value=typed("severity")
                error=form.error("severity")
                required=true
            />
            <TextArea
                name="input[reason]"
                label="How the criterion is met"
                value=typed("reason")
                error=form.error("reason")
                required=true
                rows=3
                chars_max=REASON_CHARS_MAX
            />
            <Numbers terms form />
            <Promotion gap_days_min form />
            <Checks form />
            <Freezes freezes form />
            <Field
                name="input[lasts_hours]"
                label="In force for (hours)"
                kind=FieldKind::Number
                value=form.typed("lasts_hours").unwrap_or_else(|| "24".to_owned())
                hint=format!("At most {lasts_hours_max}; it can be asked for again.")
                error=form.error("lasts_hours")
                min="1"
                required=true
            />
            <Confirmation form label="Yes, this cannot wait for the usual path".to_owned() />
            <div class="actions">
                <Button kind=ButtonKind::Stop busy=form.busy()>
                    "Ask for the emergency path"
                </Button>
            </div>
        </PostForm>
    }
}

/// What is shortened by a number. Empty is as usual.
#[component]
fn Numbers(terms: EmergencyTerms, form: Form) -> impl IntoView {
    let typed = move |field: &str| form.typed(field).unwrap_or_default();
    let bake = form.typed("bake_hours").unwrap_or_else(|| terms.bake_hours_default.to_string());
    view! {
        <Field
            name="input[bake_hours]"
            label="Bake of each station (hours)"
            kind=FieldKind::Number
            value=bake
            hint=format!("At least {}. Empty: as usual.", terms.bake_hours_min)
            error=form.error("bake_hours")
            min="1"
        />
        <Field
            name="input[notice_hours]"
            label="Notice to customers (hours)"
            kind=FieldKind::Number
            value=typed("notice_hours")
            hint=format!(
                "At least {}. Empty: as usual. Nights that come forward are told with the old and the new one.",
                terms.notice_hours_min,
            )
            error=form.error("notice_hours")
            min="1"
        />
        {terms
            .telemetry
            .map(|(covered, samples)| {
                view! {
                    <Field
                        name="input[covered_hours]"
                        label="Hours that telemetry has to cover"
                        kind=FieldKind::Number
                        value=typed("covered_hours")
                        hint=format!("At least {covered}. Empty: as long as the bake.")
                        error=form.error("covered_hours")
                        min="1"
                    />
                    <Field
                        name="input[samples]"
                        label="Reports that the health gate needs"
                        kind=FieldKind::Number
                        value=typed("samples")
                        hint=format!("At least {samples}. Empty: as usual.")
                        error=form.error("samples")
                        min="1"
                    />
                }
            })}
    }
}

/// How soon one station follows the other.
#[component]
fn Promotion(gap_days_min: u16, form: Form) -> impl IntoView {
    let checked = form.typed("any_night").is_some_and(|typed| !typed.is_empty());
    view! {
        <Field
            name="input[gap_days]"
            label="Production after its own sandboxes (days)"
            kind=FieldKind::Number
            value=form.typed("gap_days").unwrap_or_default()
            hint=format!("At least {gap_days_min}. Empty: as usual.")
            error=form.error("gap_days")
            min="1"
        />
        <CheckBox name="input[any_night]" label="Any night instead of the published windows and weekends" checked />
        <p class="small muted">
            "Stations follow one another in the next dark hours, each after its bake and its gate. Every station still needs its approval; it can be given now."
        </p>
    }
}

#[component]
fn Checks(form: Form) -> impl IntoView {
    let checks = [
        ("change_scrutiny", "Change scrutiny"),
        ("smoke_tests", "Smoke tests"),
        ("integration_tests", "Integration tests"),
    ];
    view! {
        <fieldset class="field">
            <legend>"Only the quick part now, the rest out of band"</legend>
            {checks
                .into_iter()
                .map(|(name, label)| {
                    let checked = form.typed(name).is_some_and(|typed| !typed.is_empty());
                    view! { <CheckBox name=format!("input[{name}]") label checked /> }
                })
                .collect_view()}
        </fieldset>
    }
}

#[component]
fn Freezes(freezes: Vec<(domain::ids::FreezeId, String)>, form: Form) -> impl IntoView {
    (!freezes.is_empty()).then(|| {
        let error = form.error("overrides");
        view! {
            <fieldset class="field">
                <legend>"Freezes that it overrides"</legend>
                <p class="small muted">"What is not named here still wins."</p>
                {move || error.get().map(|error| view! { <p class="field-error">{error}</p> })}
                {freezes
                    .into_iter()
                    .enumerate()
                    .map(|(n, (id, label))| {
                        view! { <CheckBox name=format!("input[overrides][{n}]") value=id.to_string() label /> }
                    })
                    .collect_view()}
            </fieldset>
        }
    })
}
