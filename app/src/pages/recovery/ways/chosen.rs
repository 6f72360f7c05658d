//! A recovery that was proposed: how it stands, and what may be done about it now.

use domain::ids::{RecoveryId, RolloutId};
use domain::wire::problem::REASON_CHARS_MAX;
use domain::wire::recovery::RecoveryView;
use leptos::prelude::*;

use super::RecoveryForms;
use crate::{
    components::{Button, ButtonKind, Chip, Disclosure, Fact, Facts, Moment, Panel, TextArea},
    pages::{post_form::PostForm, sure::Confirmation},
    routes,
    state::form::Form,
};

#[component]
pub fn Chosen(rollout: RolloutId, recovery: RecoveryView, forms: RecoveryForms) -> impl IntoView {
    let RecoveryView { id, title, sentence, state, aspect, role, reason, digest, why_not, rollouts, .. } = recovery;
    let (approve, start, abandon) = forms.with_value(|forms| (forms.approve, forms.start, forms.abandon));
    let is_proposed = recovery.is_proposed;
    let may_approve = is_proposed && why_not.is_empty();
    view! {
        <Panel title=title.clone() id=id.to_string()>
            <p>
                <Chip word=state aspect=Some(aspect) role />
                " "
                {sentence}
            </p>
            <Facts>
                <Fact term="Reason">{reason}</Fact>
                <Fact term="Proposed">{recovery.proposed_by} ", " <Moment when=recovery.proposed plain=true /></Fact>
                {(!rollouts.is_empty())
                    .then(|| {
                        view! {
                            <Fact term="Carried out by">
                                {rollouts
                                    .into_iter()
                                    .map(|(id, name)| view! { <a href=routes::rollout(id)>{name}</a> " " })
                                    .collect_view()}
                            </Fact>
                        }
                    })}
            </Facts>
            {may_approve.then(|| view! { <Approve rollout id digest form=approve /> })}
            {(is_proposed && !may_approve).then(|| view! { <p class="small muted">{why_not}</p> })}
            {recovery.may_start.then(|| view! { <Start rollout id title form=start /> })}
            {recovery.may_abandon.then(|| view! { <Abandon rollout id form=abandon /> })}
        </Panel>
    }
}

#[component]
fn Hidden(rollout: RolloutId, id: RecoveryId) -> impl IntoView {
    view! {
        <input type="hidden" name="input[rollout]" value=rollout.to_string() />
        <input type="hidden" name="input[recovery]" value=id.to_string() />
    }
}

#[component]
fn Approve(rollout: RolloutId, id: RecoveryId, digest: String, form: Form) -> impl IntoView {
    view! {
        <Disclosure summary="Approve it…" kind=ButtonKind::Main open=form.open()>
            <PostForm form>
                <Hidden rollout id />
                <input type="hidden" name="input[digest]" value=digest />
                <p class="effect">"The approval is for exactly these environments and this target."</p>
                <Confirmation form label="Yes, it may be done as it stands here".to_owned() />
                <div class="actions">
                    <Button kind=ButtonKind::Main busy=form.busy()>
                        "Approve the recovery"
                    </Button>
                </div>
            </PostForm>
        </Disclosure>
    }
}

#[component]
fn Start(rollout: RolloutId, id: RecoveryId, title: String, form: Form) -> impl IntoView {
    view! {
        <Disclosure summary=format!("Start: {title}…") kind=ButtonKind::Stop open=form.open()>
            <PostForm form>
                <Hidden rollout id />
                <p class="effect">"It is checked again against what is so now. The halt stays until somebody resumes."</p>
                <Confirmation form label="Yes, start it".to_owned() />
                <div class="actions">
                    <Button kind=ButtonKind::Stop busy=form.busy()>
                        {format!("Start: {title}")}
                    </Button>
                </div>
            </PostForm>
        </Disclosure>
    }
}

#[component]
fn Abandon(rollout: RolloutId, id: RecoveryId, form: Form) -> impl IntoView {
    view! {
        <Disclosure summary="Abandon it…" open=form.open()>
            <PostForm form>
                <Hidden rollout id />
                <TextArea
                    name="input[reason]"
                    label="Reason"
                    value=form.typed("reason").unwrap_or_default()
                    error=form.error("reason")
                    rows=3
                    chars_max=REASON_CHARS_MAX
                />
                <Confirmation form label="Yes, abandon it; what is done stays done".to_owned() />
                <div class="actions">
                    <Button kind=ButtonKind::Stop busy=form.busy()>
                        "Abandon the recovery"
                    </Button>
                </div>
            </PostForm>
        </Disclosure>
    }
}
