//! One emergency path: what is asked for, how its approvals stand, what may be done about it.

use domain::ids::{EmergencyId, RolloutId};
use domain::wire::emergency::EmergencyView;
use domain::wire::problem::REASON_CHARS_MAX;
use leptos::prelude::*;

use super::{EmergencyForms, debts::Debts};
use crate::{
    components::{Button, ButtonKind, Chip, Disclosure, Fact, Facts, Moment, Panel, TextArea},
    pages::{post_form::PostForm, sure::Confirmation},
    state::form::Form,
};

#[component]
pub fn Path(rollout: RolloutId, path: EmergencyView, forms: EmergencyForms) -> impl IntoView {
    let view = path.clone();
    let EmergencyView { id, state, aspect, role, criterion, severity, reason, shortened, overrides, .. } = path;
    let shortened = if shortened.is_empty() { "Nothing".to_owned() } else { shortened.join("; ") };
    let overrides = if overrides.is_empty() { "None".to_owned() } else { overrides.join("; ") };
    view! {
        <Panel title=criterion id=id.to_string()>
            <p>
                <Chip word=state aspect=Some(aspect) role />
                " "
                {reason}
            </p>
            <Facts>
                <Fact term="Severity">{severity}</Fact>
                <Fact term="Shortened">{shortened}</Fact>
                <Fact term="Freezes overridden">{overrides}</Fact>
                <Fact term="Lasts">{format!("{} hours from the second approval on", path.lasts_hours)}</Fact>
                <Fact term="Asked for">{path.asked_by} ", " <Moment when=path.asked plain=true /></Fact>
                <Fact term="Approvals">{path.standing}</Fact>
                {path.until.map(|until| view! { <Fact term="In force until"><Moment when=until plain=true /></Fact> })}
            </Facts>
            {if path.why_not.is_empty() {
                view! { <Approve rollout id digest=path.digest form=forms.with_value(|forms| forms.approve) /> }.into_any()
            } else {
                view! { <p class="small muted">{path.why_not}</p> }.into_any()
            }}
            {(path.may_end || path.may_withdraw)
                .then(|| {
                    let button = if path.may_end { "End the emergency path" } else { "Withdraw it" };
                    view! { <End rollout id button form=forms.with_value(|forms| forms.end) /> }
                })}
            <Debts rollout path=view forms />
        </Panel>
    }
}

#[component]
fn Approve(rollout: RolloutId, id: EmergencyId, digest: String, form: Form) -> impl IntoView {
    view! {
        <Disclosure summary="Approve it…" kind=ButtonKind::Main open=form.open()>
            <PostForm form>
                <input type="hidden" name="input[rollout]" value=rollout.to_string() />
                <input type="hidden" name="input[emergency]" value=id.to_string() />
                <input type="hidden" name="input[digest]" value=digest />
                <p class="effect">
                    "The approval is for exactly what stands here; any change voids it. With the second approval the path is in force."
                </p>
                <Confirmation form label="Yes, it may be shortened as it stands here".to_owned() />
                <div class="actions">
                    <Button kind=ButtonKind::Main busy=form.busy()>
                        "Approve the emergency path"
                    </Button>
                </div>
            </PostForm>
        </Disclosure>
    }
}

#[component]
fn End(rollout: RolloutId, id: EmergencyId, button: &'static str, form: Form) -> impl IntoView {
    view! {
        <Disclosure summary=format!("{button}…") open=form.open()>
            <PostForm form>
                <input type="hidden" name="input[rollout]" value=rollout.to_string() />
                <input type="hidden" name="input[emergency]" value=id.to_string() />
                <TextArea
                    name="input[why]"
                    label="Why it ends"
                    value=form.typed("why").unwrap_or_default()
                    error=form.error("why")
                    rows=3
                    chars_max=REASON_CHARS_MAX
                />
                <Confirmation form label="Yes, from now on everything is as usual".to_owned() />
                <div class="actions">
                    <Button kind=ButtonKind::Stop busy=form.busy()>
                        {button}
                    </Button>
                </div>
            </PostForm>
        </Disclosure>
    }
}
