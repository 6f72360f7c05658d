//! One environment, whole: for its owner at `/environments/{id}`, for staff at `/support/environments/{id}`. The service
//! decides what is in it; the form is there only for those who may change it. An area of its own, because customers and
//! staff both come here from lists that need none of this.

mod designation;
mod exemption;
mod facts;
mod history;
mod next;
mod planning;
mod pull;

use domain::ids::EnvironmentId;
use domain::wire::environment::EnvironmentView;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::{
    api::{
        ApiError,
        environment::{DesignateSandbox, EnvironmentInput, ShowEnvironment, show_environment},
        exemption::RequestExemption,
        planning::PlanEnvironment,
        pull_ahead::{PullAhead, UndoPull},
    },
    components::{CodeText, Moment},
    layout::{Crumb, PageHeader},
    pages::{
        ask::ask,
        environment::{
            designation::Designation,
            exemption::Exemption,
            facts::{EnvironmentFacts, WhyThen},
            history::History,
            next::Next,
            planning::Planning,
            pull::TakeAhead,
        },
        loaded::Loaded,
    },
    params::as_input,
    routes,
    state::{
        address::use_id,
        form::{Form, use_form},
        form_key::FormKey,
        live::{after_changes, use_live},
    },
};

/// Its pages; [`open`] shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// One of one's own.
    Own,
    /// Anybody's, for staff.
    Anybodys,
}

/// What a browser loads as one begins here.
#[wasm_split(environment, fallible, preload(load))]
pub fn open(page: Pages) -> Result<AnyView, SplitLoaderError> {
    let parent = match page {
        Pages::Own => Crumb::new(routes::ENVIRONMENTS, "Environments"),
        Pages::Anybodys => Crumb::new(routes::DEPLOYMENTS, "Deployments"),
    };
    Ok(view! { <EnvironmentPage parent /> }.into_any())
}

#[component]
fn EnvironmentPage(
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
    let forms = Forms {
        designate: use_form::<DesignateSandbox>(FormKey::Designation, move || page.refetch()),
        pull: use_form::<PullAhead>(FormKey::PullAhead, move || page.refetch()),
        undo: use_form::<UndoPull>(FormKey::UndoPull, move || page.refetch()),
        exempt: use_form::<RequestExemption>(FormKey::RequestExemption, move || page.refetch()),
        plan: use_form::<PlanEnvironment>(FormKey::Planning, move || page.refetch()),
    };
    after_changes(use_live().estate(), move || page.refetch());
    view! {
        <Loaded
            page
            label="environment"
            view=move |page: EnvironmentView| {
                let parent = parent.clone();
                view! { <Whole page parent forms /> }.into_any()
            }
        />
    }
    .into_any()
}

/// The forms of the page. Made once, because what is drawn again forgets.
#[derive(Clone, Copy)]
struct Forms {
    designate: Form,
    pull: Form,
    undo: Form,
    plan: Form,
    exempt: Form,
}

#[component]
fn Whole(page: EnvironmentView, parent: Crumb, forms: Forms) -> impl IntoView {
    let EnvironmentView { name, customer, kind_text, region, service_update, build, since, .. } = page.clone();
    let EnvironmentView { id, next, unsettled, line, why, history, designation, designation_text, facts, .. } = page;
    let EnvironmentView { pull, planning, exemption, .. } = page;
    let panels = [planning.as_ref().map(|_| "planning"), exemption.as_ref().map(|_| "exemption")];
    let panels: Vec<&str> = panels.into_iter().flatten().collect();
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
                <WhyThen why panels />
                {pull.map(|pull| view! { <TakeAhead environment=id pull take=forms.pull undo=forms.undo /> })}
                {designation
                    .map(|designation| {
                        view! { <Designation environment=id designation form=forms.designate /> }
                    })}
                {planning.map(|planning| view! { <Planning environment=id planning form=forms.plan /> })}
                {exemption.map(|exemption| view! { <Exemption environment=id exemption form=forms.exempt /> })}
            </div>
            <EnvironmentFacts designation_text facts />
        </div>
        <History history />
    }
}
