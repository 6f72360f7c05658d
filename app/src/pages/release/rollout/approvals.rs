//! Which promotions are approved, by whom, and which wait for whom. Who started the rollout cannot approve it.

use domain::ids::RolloutId;
use domain::wire::rollout::{ApprovalRow, RolloutView};
use leptos::prelude::*;

use super::actions::{RolloutForms, Sure};
use crate::{
    components::{Disclosure, Moment, Panel, SignalMark},
    pages::post_form::PostForm,
    state::form::Form,
};
use domain::wire::signal::Aspect;

#[component]
pub fn Approvals(rollout: RolloutView, forms: RolloutForms) -> impl IntoView {
    let RolloutView { id, train, approvals, .. } = rollout;
    view! {
        <Panel title="Approvals" note="somebody else than the starter">
            {if approvals.is_empty() {
                view! { <p class="muted">"No station of this train needs an approval."</p> }.into_any()
            } else {
                view! {
                    <ul class="stack" role="list">
                        {approvals
                            .into_iter()
                            .map(|approval| view! { <Row id train=train.clone() approval forms /> })
                            .collect_view()}
                    </ul>
                }
                    .into_any()
            }}
        </Panel>
    }
}

#[component]
fn Row(id: RolloutId, train: String, approval: ApprovalRow, forms: RolloutForms) -> impl IntoView {
    let ApprovalRow { station, given, may, why_not, environments } = approval;
    let slot = usize::from(station).checked_sub(1);
    let approve = slot.and_then(|slot| forms.approve.with_value(|approve| approve.get(slot).copied()));
    let aspect = if given.is_some() { Aspect::Clear } else { Aspect::Unlit };
    view! {
        <li>
            <p>
                <SignalMark aspect />
                " "
                <strong>{format!("Station {station}")}</strong>
                " "
                {match given {
                    Some((name, at)) => view! { "approved by " {name} ", " <Moment when=at plain=true /> }.into_any(),
                    None if may => view! { "waits for an approval" }.into_any(),
                    None => view! { <span class="muted">{why_not}</span> }.into_any(),
                }}
            </p>
            {approve
                .filter(|_| may)
                .map(|form| {
                    view! { <Approve id station train environments=u64::from(environments) form /> }
                })}
        </li>
    }
}

#[component]
fn Approve(id: RolloutId, station: u8, train: String, environments: u64, form: Form) -> impl IntoView {
    view! {
        <Disclosure summary=format!("Approve station {station}…") open=form.open()>
            <PostForm form>
                <input type="hidden" name="input[rollout]" value=id.to_string() />
                <input type="hidden" name="input[station]" value=station.to_string() />
                <Sure
                    object=format!("{train}, station {station}")
                    environments
                    effect="The station opens when the stages before it have passed their gate and bake time, not sooner."
                    label=format!("Yes, let {train} into station {station}")
                    button=format!("Approve station {station}")
                    form
                />
            </PostForm>
        </Disclosure>
    }
}
