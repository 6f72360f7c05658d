//! Reporting an incident: what customers suffer from halts the build, whatever its severity.

use domain::wire::incident::IncidentChoices;
use domain::wire::problem::REASON_CHARS_MAX;
use leptos::prelude::*;

use crate::{
    components::{Button, ButtonKind, Field, Panel, SelectField, SelectOption, TextArea},
    pages::{post_form::PostForm, sure::Confirmation},
    state::form::Form,
};

#[component]
pub fn Report(choices: IncidentChoices, form: Form) -> impl IntoView {
    let IncidentChoices { builds, severities, halts_from } = choices;
    let typed = move |field| form.typed(field).unwrap_or_default();
    let sources = vec![
        SelectOption::new("", "Choose who noticed it"),
        SelectOption::new("customers", "Customers: they suffer from it"),
        SelectOption::new("staff", "We did; no customer has said so"),
    ];
    let source_hint = format!(
        "What customers suffer from halts the build and every rollout of it. What only we noticed does from severity {halts_from} on."
    );
    view! {
        <Panel title="Report an incident" id="report">
            <PostForm form>
                <Chosen name="build" label="Build" none="Choose a build" options=builds form />
                <SelectField
                    name="input[source]"
                    label="Who noticed it"
                    hint=source_hint
                    options=sources
                    value=typed("source")
                    error=form.error("source")
                />
                <Chosen name="severity" label="Severity" none="Choose how bad it is" options=severities form />
                <TextArea
                    name="input[finding]"
                    label="What goes wrong"
                    hint="A sentence. Where it halts the build, every customer concerned reads it, with your name."
                    value=typed("finding")
                    error=form.error("finding")
                    required=true
                    rows=3
                    chars_max=REASON_CHARS_MAX
                />
                <Field
                    name="input[reference]"
                    label="Reference"
                    hint="The number of your ticket; customers do not read it. The same reference is the same incident."
                    value=typed("reference")
                    error=form.error("reference")
                    required=true
                />
                <Confirmation form label="Yes, report it. It may halt the build.".to_owned() />
                <div class="actions">
                    <Button kind=ButtonKind::Stop busy=form.busy()>"Report the incident"</Button>
                </div>
            </PostForm>
        </Panel>
    }
}

/// One of what the server offers, none at first.
#[component]
fn Chosen(
    name: &'static str,
    label: &'static str,
    none: &'static str,
    options: Vec<(String, String)>,
    form: Form,
) -> impl IntoView {
    view! {
        <SelectField
            name=format!("input[{name}]")
            label
            options=SelectOption::or_none(none, options)
            value=form.typed(name).unwrap_or_default()
            error=form.error(name)
        />
    }
}
