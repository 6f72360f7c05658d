//! The inside of a form for an action that needs a second thought but no reason: what it touches, how many, what happens,
//! a box to tick.

use leptos::prelude::*;

use crate::{
    components::{Button, ButtonKind, CheckBox},
    format::counted,
    state::form::Form,
};

#[component]
pub fn Sure(
    object: String,
    environments: u64,
    #[prop(into)] effect: String,
    /// Beside the box.
    label: String,
    button: String,
    form: Form,
) -> impl IntoView {
    view! {
        <div class="confirm">
            <p>
                <strong>{object}</strong>
                " · "
                {counted(environments, "environment", "environments")}
            </p>
            <p class="effect">{effect}</p>
            <Confirmation form label />
            <div class="actions">
                <Button kind=ButtonKind::Ordinary busy=form.busy()>
                    {button}
                </Button>
            </div>
        </div>
    }
}

/// The box to tick, with what is wrong with it.
#[component]
pub fn Confirmation(form: Form, label: String) -> impl IntoView {
    view! { <CheckBox name="input[confirmed]" value=form.confirmation() label error=form.error("confirmed") /> }
}
