//! The form at the end of each of the two pages' roads: what is touched, a box to tick, a reason, a button.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use crate::{
    components::{CheckBox, Confirm, Panel},
    pages::post_form::PostForm,
    state::form::Form,
};

/// Back to the page without its form: what was confirmed is done.
pub fn back_to(page: &'static str) -> impl Fn() + Clone + Send + Sync + 'static {
    let navigate = use_navigate();
    move || navigate(page, NavigateOptions::default())
}

#[component]
pub fn Confirmed(
    /// Of the panel, and of what leads to it.
    id: &'static str,
    title: String,
    /// Name and value of what the form names, beside the reason.
    fields: Vec<(&'static str, String)>,
    object: String,
    environments: Option<u64>,
    effect: String,
    /// Beside the box.
    label: String,
    button: String,
    form: Form,
) -> impl IntoView {
    view! {
        <Panel title id>
            <PostForm form>
                {fields
                    .into_iter()
                    .map(|(name, value)| {
                        view! { <input type="hidden" name=format!("input[{name}]") value=value /> }
                    })
                    .collect_view()}
                <Confirm
                    object
                    environments_affected=environments
                    effect
                    reason_name="input[reason]"
                    reason=form.typed("reason").unwrap_or_default()
                    reason_error=form.error("reason")
                    button
                    busy=form.busy()
                >
                    <CheckBox
                        name="input[confirmed]"
                        value=form.confirmation()
                        label
                        error=form.error("confirmed")
                    />
                </Confirm>
            </PostForm>
        </Panel>
    }
}
