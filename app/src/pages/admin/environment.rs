//! `/environments/{id}`: one of one's own environments, with the form that says when a sandbox is updated.

use leptos::prelude::*;

use crate::{layout::Crumb, pages::environment::EnvironmentBody, routes};

#[component]
pub fn EnvironmentPage() -> impl IntoView {
    view! { <EnvironmentBody parent=Crumb::new(routes::ENVIRONMENTS, "Environments") /> }.into_any()
}
