//! One environment, whole: for its owner at `/environments/{id}`, for staff at `/support/environments/{id}`. The service
//! decides what is in it; the form is there only for those who may change it.

mod designation;
mod facts;
mod history;
mod next;

use domain::ids::EnvironmentId;
use domain::wire::environment::EnvironmentView;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::{
        ApiError,
        environment::{DesignateSandbox, EnvironmentInput, ShowEnvironment, show_environment},
    },
    components::{CodeText, Moment},
    layout::{Crumb, PageHeader},
    pages::{
        ask::ask,
        environment::{
            designation::Designation,
            facts::{EnvironmentFacts, WhyThen},
            history::History,
            next::Next,
        },
        loaded::Loaded,
    },
    params::as_input,
    state::{
        address::use_id,
        form::{Form, use_form},
        form_key::FormKey,
        live::{after_changes, use_live},
    },
};

#[component]
pub fn EnvironmentBody(
    /// The list it was found in.
    parent: Crumb,
) -> impl IntoView {
    let id = use_id::<EnvironmentId>();
    let page = ask(
        ShowEnvironment::PATH,
        id,
        |id| as_input("environment", *id),
        |id| async move {
            let environment = id.ok_or_else(|| ApiError::NotFound.answered())?;
            show_environment(EnvironmentInput { environment }).await
        },
    );
    let form = use_form::<DesignateSandbox>(FormKey::Designation, move || page.refetch());
    after_changes(use_live().estate(), move || page.refetch());
    view! {
        <Loaded
            page
            label="environment"
            view=move |page: EnvironmentView| {
                let parent = parent.clone();
                view! { <Whole page parent form /> }.into_any()
            }
        />
    }
}

#[component]
fn Whole(page: EnvironmentView, parent: Crumb, form: Form) -> impl IntoView {
    let EnvironmentView { name, customer, kind_text, region, service_update, build, since, .. } = page.clone();
    let EnvironmentView { id, next, unsettled, line, why, history, designation, designation_text, facts, .. } = page;
    let about = format!("{} · {kind_text} · {region}", customer.1);
    view! {
        <Title text=name.clone() />
        <PageHeader
            title=name.clone()
            crumbs=vec![parent]
            beside=move || view! { <CodeText text=format!("{service_update} · {build}") /> }
            sub=move || {
                view! {
                    {about}
                    " · since "
                    <Moment when=since />
                }
            }
        />
        <Next next unsettled line />
        <div class="two">
            <div class="stack">
                <WhyThen why />
                {designation
                    .map(|designation| view! { <Designation environment=id designation form /> })}
            </div>
            <EnvironmentFacts designation_text facts />
        </div>
        <History history />
    }
}
