//! What every page shares, and which page an address means. Pages are finished before the first byte leaves
//! (`SsrMode::Async`), so their status is right and they are whole without Wasm.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Outlet, ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    frame::Frame,
    pages::{
        admin::{CalendarPage, EnvironmentPage, EnvironmentsPage, NotificationPage, NotificationsPage},
        login::LoginPage,
        not_found::NotFoundPage,
        release::{RolloutPage, RolloutsPage},
        settings::SettingsPage,
        support::{DeploymentsPage, SupportEnvironmentPage},
    },
    state::{hydrated::mark_hydrated, live::provide_live, shell::provide_shell, status::provide_status},
};

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let shell = provide_shell();
    provide_live(shell);
    mark_hydrated();
    view! {
        <Title formatter=|page: String| if page.is_empty() { "Signalbox".into() } else { format!("{page} · Signalbox") } />
        <Router>
            {provide_status()}
            <Routes fallback=NotFoundPage>
                <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async />
                <ParentRoute
                    path=path!("")
                    view=|| {
                        view! {
                            <Frame>
                                <Outlet />
                            </Frame>
                        }
                    }
                >
                    <Route path=path!("/notifications") view=NotificationsPage ssr=SsrMode::Async />
                    <Route path=path!("/notifications/:id") view=NotificationPage ssr=SsrMode::Async />
                    <Route path=path!("/calendar") view=CalendarPage ssr=SsrMode::Async />
                    <Route path=path!("/environments") view=EnvironmentsPage ssr=SsrMode::Async />
                    <Route path=path!("/environments/:id") view=EnvironmentPage ssr=SsrMode::Async />
                    <Route path=path!("/support/deployments") view=DeploymentsPage ssr=SsrMode::Async />
                    <Route path=path!("/support/environments/:id") view=SupportEnvironmentPage ssr=SsrMode::Async />
                    <Route path=path!("/rollouts") view=RolloutsPage ssr=SsrMode::Async />
                    <Route path=path!("/rollouts/:id") view=RolloutPage ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
