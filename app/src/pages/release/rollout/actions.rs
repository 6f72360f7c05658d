//! Start, halt, resume, approve and withdraw the build. Each is behind a disclosure, names what it touches and how many environments, and is confirmed; a
//! halt and a resume say why. A button exists only where the service would accept it.

use domain::fleet::StationNumber;
use domain::ids::RolloutId;
use domain::number::days;
use domain::wire::rollout::RolloutView;
use leptos::prelude::*;

use crate::{
    api::rollout_action::{ApproveBuild, ApprovePromotion, HaltRollout, ResumeRollout, StartRollout, WithdrawBuild},
    components::{ButtonKind, Confirm, Disclosure, field_id},
    pages::{
        post_form::PostForm,
        sure::{Confirmation, Sure},
    },
    state::{
        form::{Form, use_form},
        form_key::FormKey,
    },
};

/// The forms of a rollout's page. Made once, because what is drawn again forgets.
#[derive(Clone, Copy)]
pub struct RolloutForms {
    pub start: Form,
    pub halt: Form,
    pub resume: Form,
    pub approve_build: Form,
    pub withdraw_build: Form,
    /// By station, from the first on.
    pub approve: StoredValue<Vec<Form>>,
}

pub fn use_rollout_forms(on_done: impl Fn() + Clone + Send + Sync + 'static) -> RolloutForms {
    RolloutForms {
        start: use_form::<StartRollout>(FormKey::Start, on_done.clone()),
        halt: use_form::<HaltRollout>(FormKey::Halt, on_done.clone()),
        resume: use_form::<ResumeRollout>(FormKey::Resume, on_done.clone()),
        approve_build: use_form::<ApproveBuild>(FormKey::ApproveBuild, on_done.clone()),
        withdraw_build: use_form::<WithdrawBuild>(FormKey::WithdrawBuild, on_done.clone()),
        approve: StoredValue::new(
            (1..=StationNumber::MAX.0)
                .map(|station| use_form::<ApprovePromotion>(FormKey::Approve(station), on_done.clone()))
                .collect(),
        ),
    }
}

#[component]
pub fn Actions(rollout: RolloutView, forms: RolloutForms) -> impl IntoView {
    let RolloutView { id, train, build, artifact, actions, counts, notice_days, .. } = rollout;
    let object = format!("{train}, build {build}");
    let (object_of_halt, object_of_resume) = (object.clone(), object.clone());
    let still_to_start = u64::from(actions.still_to_start);
    let of_build = actions.of_build.approve || actions.of_build.withdraw;
    (actions.start || actions.halt || actions.resume || of_build).then(|| {
        view! {
            <div class="row">
                {actions
                    .start
                    .then(|| {
                        let form = forms.start;
                        view! { <Start id train=train.clone() object environments=u64::from(counts.total) notice_days form /> }
                    })}
                {actions
                    .halt
                    .then(|| {
                        view! {
                            <WithReason
                                id
                                button=format!("Halt {train}")
                                label=format!("Yes, halt {train}")
                                kind=ButtonKind::Stop
                                object=object_of_halt
                                environments=still_to_start
                                effect="Nothing new starts, in any rollout of this build. Updates that run now finish and are watched."
                                form=forms.halt
                            />
                        }
                    })}
                {actions
                    .resume
                    .then(|| {
                        view! {
                            <WithReason
                                id
                                button=format!("Resume {train}")
                                label=format!("Yes, resume {train}")
                                kind=ButtonKind::Ordinary
                                object=object_of_resume
                                environments=still_to_start
                                effect="Updates start again, each in its own night. What failed until now is tried once more and does not halt it again; what fails from now on does."
                                form=forms.resume
                            />
                        }
                    })}
                {actions
                    .of_build
                    .approve
                    .then(|| view! { <ApproveTheBuild id version=build.clone() artifact environments=u64::from(counts.total) form=forms.approve_build /> })}
                {actions
                    .of_build
                    .withdraw
                    .then(|| {
                        view! {
                            <WithReason
                                id
                                button=format!("Withdraw build {build}")
                                label=format!("Yes, withdraw {build}")
                                kind=ButtonKind::Stop
                                object=format!("Build {build}")
                                environments=still_to_start
                                effect="It is offered to nobody any more, in any rollout. Updates that run now finish and are watched. Approving it again lifts this."
                                form=forms.withdraw_build
                            />
                        }
                    })}
            </div>
        }
    })
}

#[component]
fn Start(
    id: RolloutId,
    train: String,
    object: String,
    environments: u64,
    notice_days: u16,
    form: Form,
) -> impl IntoView {
    let notice = days(notice_days);
    let effect =
        format!("Station 1 opens on its first day. Customers are told {notice} before each of their own nights.");
    view! {
        <Disclosure summary=format!("Start {train}…") kind=ButtonKind::Main open=form.open()>
            <PostForm form>
                <input type="hidden" name="input[rollout]" value=id.to_string() />
                <Sure
                    object
                    environments
                    effect
                    label=format!("Yes, start {train}")
                    button=format!("Start {train}")
                    form
                />
            </PostForm>
        </Disclosure>
    }
}

#[component]
fn ApproveTheBuild(id: RolloutId, version: String, artifact: String, environments: u64, form: Form) -> impl IntoView {
    let effect = format!("The build may be offered, to the byte: its artifact has the digest {artifact}.");
    view! {
        <Disclosure summary=format!("Approve build {version}…") open=form.open()>
            <PostForm form>
                <input type="hidden" name="input[rollout]" value=id.to_string() />
                <input type="hidden" name="input[digest]" value=artifact />
                <Sure
                    object=format!("Build {version}")
                    environments
                    effect
                    label=format!("Yes, approve {version}")
                    button=format!("Approve build {version}")
                    form
                />
            </PostForm>
        </Disclosure>
    }
}

/// Halt, resume, withdraw: they also say why.
#[component]
fn WithReason(
    id: RolloutId,
    /// "Halt 10.0.48 PQU-7".
    button: String,
    /// Beside the box.
    label: String,
    kind: ButtonKind,
    object: String,
    environments: u64,
    effect: &'static str,
    form: Form,
) -> impl IntoView {
    view! {
        <Disclosure summary=format!("{button}…") kind open=form.open()>
            <PostForm form>
                <input type="hidden" name="input[rollout]" value=id.to_string() />
                <Confirm
                    object
                    environments_affected=environments
                    effect
                    reason_name="input[reason]"
                    reason_id=field_id(&form.reason())
                    reason=form.typed("reason").unwrap_or_default()
                    reason_error=form.error("reason")
                    button
                    busy=form.busy()
                >
                    <Confirmation form label />
                </Confirm>
            </PostForm>
        </Disclosure>
    }
}
