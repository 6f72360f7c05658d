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
    areas::AreaPage,
    frame::Frame,
    pages::{
        admin::Pages as Admin, environment::Pages as Environment, exceptions::Pages as Exceptions, login::LoginPage,
        not_found::NotFoundPage, recovery::Pages as Recovery, release::Pages as Release, stops::Pages as Stops,
        support::Pages as Support,
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
                    <Route path=path!("/notifications") view=AreaPage::Admin(Admin::Notifications) ssr=SsrMode::Async />
                    <Route path=path!("/notifications/:id") view=AreaPage::Admin(Admin::Notification) ssr=SsrMode::Async />
                    <Route path=path!("/calendar") view=AreaPage::Admin(Admin::Calendar) ssr=SsrMode::Async />
                    <Route path=path!("/environments") view=AreaPage::Admin(Admin::Environments) ssr=SsrMode::Async />
                    <Route path=path!("/environments/:id") view=AreaPage::Environment(Environment::Own) ssr=SsrMode::Async />
                    <Route path=path!("/support/deployments") view=AreaPage::Support(Support::Deployments) ssr=SsrMode::Async />
                    <Route path=path!("/incidents") view=AreaPage::Support(Support::Incidents) ssr=SsrMode::Async />
                    <Route path=path!("/support/environments/:id") view=AreaPage::Environment(Environment::Anybodys) ssr=SsrMode::Async />
                    <Route path=path!("/rollouts") view=AreaPage::Release(Release::Rollouts) ssr=SsrMode::Async />
                    <Route path=path!("/rollouts/:id") view=AreaPage::Release(Release::Rollout) ssr=SsrMode::Async />
                    <Route path=path!("/halts") view=AreaPage::Stops(Stops::Halts) ssr=SsrMode::Async />
                    <Route path=path!("/freezes") view=AreaPage::Stops(Stops::Freezes) ssr=SsrMode::Async />
                    <Route path=path!("/rollouts/:id/emergency") view=AreaPage::Recovery(Recovery::Emergency) ssr=SsrMode::Async />
                    <Route path=path!("/rollouts/:id/recovery") view=AreaPage::Recovery(Recovery::Recovery) ssr=SsrMode::Async />
                    <Route path=path!("/flights") view=AreaPage::Recovery(Recovery::Flights) ssr=SsrMode::Async />
                    <Route path=path!("/exemptions") view=AreaPage::Exceptions(Exceptions::Exemptions) ssr=SsrMode::Async />
                    <Route path=path!("/exemptions/:id") view=AreaPage::Exceptions(Exceptions::Exemption) ssr=SsrMode::Async />
                    <Route path=path!("/rollouts/:id/plan") view=AreaPage::Plan ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=AreaPage::Settings ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
