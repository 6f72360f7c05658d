//! `/rollouts/{id}/emergency`: what is asked for or in force, who approved it, what it owes, and the form that asks.

mod approvers;
mod debts;
mod owed;
mod path;
mod request;

use domain::ids::RolloutId;
use domain::wire::emergency::EmergencyPageView;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use self::{approvers::Approvers, owed::Owed, path::Path, request::Request};
use crate::{
    api::{
        ApiError,
        emergency::{
            ApproveEmergency, CompleteEmergencyGate, EndEmergency, RequestEmergency, ReviewEmergency,
            SetEmergencyApprovers, ShowEmergency, show_emergency,
        },
        rollout::RolloutInput,
    },
    components::CodeText,
    layout::{Crumb, PageHeader},
    pages::{ask::ask, loaded::Loaded},
    params::as_input,
    routes,
    state::{
        address::use_id,
        form::{Form, use_form},
        form_key::FormKey,
    },
};

/// The forms of the page. Made once, because what is drawn again forgets.
pub struct Forms {
    request: Form,
    approve: Form,
    end: Form,
    review: Form,
    approvers: Form,
    gate: Form,
}

type EmergencyForms = StoredValue<Forms>;

fn use_emergency_forms(on_done: impl Fn() + Clone + Send + Sync + 'static) -> EmergencyForms {
    StoredValue::new(Forms {
        request: use_form::<RequestEmergency>(FormKey::Emergency, on_done.clone()),
        approve: use_form::<ApproveEmergency>(FormKey::EmergencyApprove, on_done.clone()),
        end: use_form::<EndEmergency>(FormKey::EmergencyEnd, on_done.clone()),
        review: use_form::<ReviewEmergency>(FormKey::EmergencyReview, on_done.clone()),
        approvers: use_form::<SetEmergencyApprovers>(FormKey::EmergencyApprovers, on_done.clone()),
        gate: use_form::<CompleteEmergencyGate>(FormKey::EmergencyGate, on_done.clone()),
    })
}

#[component]
pub fn EmergencyPage() -> impl IntoView {
    let id = use_id::<RolloutId>();
    let page = ask(
        ShowEmergency::PATH,
        id,
        |id| as_input("rollout", *id),
        |id| async move {
            let rollout = id.ok_or_else(|| ApiError::NotFound.answered())?;
            show_emergency(RolloutInput { rollout }).await
        },
    );
    let forms = use_emergency_forms(move || page.refetch());
    view! {
        <Loaded
            page
            label="emergency path"
            view=move |page: EmergencyPageView| view! { <Body page forms /> }.into_any()
        />
    }
    .into_any()
}

#[component]
fn Body(page: EmergencyPageView, forms: EmergencyForms) -> impl IntoView {
    let EmergencyPageView { rollout, train, build, may_request, why_not, terms, paths, owed, staff } = page;
    let title = format!("Emergency path of {train}");
    view! {
        <Title text=title.clone() />
        <PageHeader
            title=title
            crumbs=vec![Crumb::new(routes::ROLLOUTS, "Rollouts"), Crumb::new(routes::rollout(rollout), train)]
            beside=move || view! { <CodeText text=build /> }
        />
        {(!owed.is_empty()).then(|| view! { <Owed owed /> })}
        {paths.into_iter().map(|path| view! { <Path rollout path forms /> }).collect_view()}
        <Request rollout may_request why_not terms form=forms.with_value(|forms| forms.request) />
        {(!staff.is_empty()).then(|| view! { <Approvers rollout staff form=forms.with_value(|forms| forms.approvers) /> })}
    }
}
