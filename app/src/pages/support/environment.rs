//! `/support/environments/{id}`: anybody's environment, for staff.

use leptos::prelude::*;

use crate::{layout::Crumb, pages::environment::EnvironmentBody, routes};

#[component]
pub fn SupportEnvironmentPage() -> impl IntoView {
    view! { <EnvironmentBody parent=Crumb::new(routes::DEPLOYMENTS, "Deployments") /> }.into_any()
}
