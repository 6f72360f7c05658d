//! The search of the top bar: one's own environments for customers, the version finder for staff. A plain form.

use domain::permission::Permission;
use leptos::prelude::*;

use crate::{routes, state::shell::use_shell};

#[component]
pub fn Search() -> impl IntoView {
    let shell = use_shell();
    let staff = Memo::new(move |_| shell.may(Permission::SeeDeployments));
    let action = move || if staff.get() { routes::DEPLOYMENTS } else { routes::ENVIRONMENTS };
    let hint = move || if staff.get() { "Version, customer or environment" } else { "Find an environment" };
    view! {
        <form method="get" action=action role="search" aria-label="Everywhere">
            <input type="search" name="q" aria-label=hint placeholder=hint />
        </form>
    }
}
