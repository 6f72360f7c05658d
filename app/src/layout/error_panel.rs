//! Something did not work: what happened, what it means for the reader, what to do next. Never blames, never guesses.

use domain::wire::signal::Aspect;
use leptos::prelude::*;

use crate::components::SignalMark;

#[component]
pub fn ErrorPanel(
    /// "This page could not be loaded".
    #[prop(into)]
    what: String,
    /// "Nothing was changed."
    #[prop(into)]
    means: String,
    /// What can be done, as links or buttons; at least a way back.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="error-panel" role="alert">
            <h2>
                <SignalMark aspect=Aspect::Stop />
                {what}
            </h2>
            <p>{means}</p>
            <div class="actions">{children()}</div>
        </section>
    }
}
