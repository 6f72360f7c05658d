//! The operator names who may approve an emergency path.

use domain::ids::{RolloutId, UserId};
use leptos::prelude::*;

use crate::{
    components::{Button, ButtonKind, CheckBox, Panel},
    pages::post_form::PostForm,
    state::form::Form,
};

#[component]
pub fn Approvers(rollout: RolloutId, staff: Vec<(UserId, String, bool)>, form: Form) -> impl IntoView {
    view! {
        <Panel title="Who may approve" note="for every rollout">
            <PostForm form>
                <input type="hidden" name="input[rollout]" value=rollout.to_string() />
                <fieldset class="field">
                    <legend>"Approvers of an emergency path"</legend>
                    {staff
                        .into_iter()
                        .enumerate()
                        .map(|(n, (id, name, checked))| {
                            view! { <CheckBox name=format!("input[approvers][{n}]") value=id.to_string() label=name checked /> }
                        })
                        .collect_view()}
                </fieldset>
                <div class="actions">
                    <Button kind=ButtonKind::Ordinary busy=form.busy()>
                        "Save approvers"
                    </Button>
                </div>
            </PostForm>
        </Panel>
    }
}
