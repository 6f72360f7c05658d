//! Which promotions are approved, by whom, and which wait for whom. Who started the rollout cannot approve it.

use domain::ids::RolloutId;
use domain::wire::rollout::{ApprovalRow, RolloutView};
use leptos::prelude::*;

use super::actions::RolloutForms;
use crate::{
    components::{Disclosure, Moment, Panel, SignalMark},
    pages::{post_form::PostForm, sure::Sure},
    state::form::Form,
};
use domain::wire::signal::Aspect;

#[component]
pub fn Approvals(rollout: RolloutView, forms: RolloutForms) -> impl IntoView {
    let RolloutView { id, train, approvals, approving, .. } = rollout;
    view! {
        <Panel title="Approvals" note="somebody else than who started or edited it">
            {if approvals.is_empty() {
                view! { <p class="muted">"No station of this train needs an approval."</p> }.into_any()
            } else {
                view! {
                    <ul class="stack" role="list">
                        {approvals
                            .into_iter()
                            .map(|approval| view! { <Row id train=train.clone() digest=approving.clone() approval forms /> })
                            .collect_view()}
                    </ul>
                }
                    .into_any()
            }}
        </Panel>
    }
}

#[component]
fn Row(id: RolloutId, train: String, digest: String, approval: ApprovalRow, forms: RolloutForms) -> impl IntoView {
    let ApprovalRow { station, given, void, may, why_not, environments } = approval;
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
            {void.map(|void| view! { <p class="muted">{void}</p> })}
            {approve
                .filter(|_| may)
                .map(|form| {
                    view! { <Approve id station train digest environments=u64::from(environments) form /> }
                })}
        </li>
    }
}

#[component]
fn Approve(
    id: RolloutId,
    station: u8,
    train: String,
    /// Of what is approved, as it is read here.
    digest: String,
    environments: u64,
    form: Form,
) -> impl IntoView {
    view! {
        <Disclosure summary=format!("Approve station {station}…") open=form.open()>
            <PostForm form>
                <input type="hidden" name="input[rollout]" value=id.to_string() />
                <input type="hidden" name="input[station]" value=station.to_string() />
                <input type="hidden" name="input[digest]" value=digest />
                <Sure
                    object=format!("{train}, station {station}")
                    environments
                    effect="The station opens when the stages before it have passed their gate and bake time, not sooner. An edit of the rollout voids the approval."
                    label=format!("Yes, let {train} into station {station}")
                    button=format!("Approve station {station}")
                    form
                />
            </PostForm>
        </Disclosure>
    }
}
