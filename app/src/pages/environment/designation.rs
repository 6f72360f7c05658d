//! With whom a sandbox is updated, and whether production goes early. The effect of each choice stands beside it before it is made, by the rule that will
//! carry it out; a choice that the rule refuses says why and cannot be taken.

use domain::ids::EnvironmentId;
use domain::wire::environment::{DesignationForm, DesignationOption};
use leptos::prelude::*;

use crate::{
    components::{Button, ButtonKind, Choice, ChoiceGroup, Panel, SelectField, SelectOption},
    pages::post_form::PostForm,
    state::form::Form,
};

#[component]
pub fn Designation(environment: EnvironmentId, designation: DesignationForm, form: Form) -> impl IntoView {
    let DesignationForm { title, options, productions, production, generation } = designation;
    let typed = form.typed("designation");
    let production = form.typed("production").or_else(|| production.map(|id| id.to_string())).unwrap_or_default();
    let names: Vec<_> = productions.into_iter().map(|(id, name)| SelectOption::new(id.to_string(), name)).collect();
    view! {
        <Panel title=title.clone()>
            <PostForm form>
                <input type="hidden" name="input[environment]" value=environment.to_string() />
                <input type="hidden" name="input[generation]" value=generation.to_string() />
                <ChoiceGroup
                    name="input[designation]"
                    legend=title
                    legend_hidden=true
                    error=form.error("designation")
                >
                    {options
                        .into_iter()
                        .map(|option| {
                            let checked = typed.as_ref().map_or(option.chosen, |typed| *typed == option.key);
                            view! { <Offer option checked /> }
                        })
                        .collect_view()}
                </ChoiceGroup>
                {(!names.is_empty())
                    .then(|| {
                        view! {
                            <SelectField
                                name="input[production]"
                                label="Production that it follows"
                                hint="Counts only for “with production”."
                                options=names
                                value=production
                                error=form.error("production")
                            />
                        }
                    })}
                <div class="actions">
                    <Button kind=ButtonKind::Main busy=form.busy()>
                        "Save designation"
                    </Button>
                </div>
            </PostForm>
        </Panel>
    }
}

#[component]
fn Offer(option: DesignationOption, checked: bool) -> impl IntoView {
    let DesignationOption { key, title, hint, effect, refused, .. } = option;
    let text = [hint, effect].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    view! { <Choice name="input[designation]" value=key title text checked disabled=refused && !checked /> }
}
