//! The areas of the application: a browser loads the Wasm of one when it first needs a page of it. What every page
//! shares, the sign-in page and the frame are in the main Wasm. Each area has one function, marked with `wasm_split`,
//! that opens its pages; `cargo xtask` puts whatever only such functions reach into the files of their areas. So no page may
//! be named outside of its area, or it is in the main Wasm for everybody.
//!
//! On the server nothing is apart, and opening a page never waits.

use leptos::prelude::*;
use leptos_router::ChooseView;
use wasm_split_helpers::SplitLoaderError;

use crate::{
    api::ApiError,
    pages::{admin, environment, exceptions, failure::Failure, plan, recovery, release, settings, stops, support},
};

/// What is loaded as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Pages of a customer's own estate.
    Admin,
    /// One environment, for customers and for staff.
    Environment,
    /// Pages for when something went wrong: emergency path, recovery, flights.
    Recovery,
    /// Exemptions, for staff.
    Exceptions,
    /// What a rollout would do.
    Plan,
    /// Pages of those who bring a build to everybody.
    Release,
    /// One's own settings.
    Settings,
    /// Halts and freezes.
    Stops,
    /// Pages of the support desk.
    Support,
}

impl Area {
    /// The area that this path is in; none where the main Wasm has the page. Needed before there is a router: by the server
    /// to name the file that the page will want, by the browser to have it when it takes the page over.
    pub fn of(path: &str) -> Option<Self> {
        let mut parts = path.split('/').skip(1).filter(|part| !part.is_empty());
        match (parts.next()?, parts.next(), parts.next()) {
            ("environments", Some(_), _) | ("support", Some("environments"), Some(_)) => Some(Self::Environment),
            ("notifications" | "calendar" | "environments", ..) => Some(Self::Admin),
            ("rollouts", Some(_), Some("emergency" | "recovery")) | ("flights", ..) => Some(Self::Recovery),
            ("exemptions", ..) => Some(Self::Exceptions),
            ("rollouts", Some(_), Some("plan")) => Some(Self::Plan),
            ("rollouts", ..) => Some(Self::Release),
            ("settings", ..) => Some(Self::Settings),
            ("halts" | "freezes", ..) => Some(Self::Stops),
            ("support" | "incidents", ..) => Some(Self::Support),
            _ => None,
        }
    }

    /// The name in the mark of its function, and so of its file: `area_admin.wasm`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Environment => "environment",
            Self::Recovery => "recovery",
            Self::Exceptions => "exceptions",
            Self::Plan => "plan",
            Self::Release => "release",
            Self::Settings => "settings",
            Self::Stops => "stops",
            Self::Support => "support",
        }
    }

    /// Loads it, once. An error is not kept: the next call tries again.
    pub async fn load(self) -> Result<(), SplitLoaderError> {
        match self {
            Self::Admin => admin::load().await,
            Self::Environment => environment::load().await,
            Self::Recovery => recovery::load().await,
            Self::Exceptions => exceptions::load().await,
            Self::Plan => plan::load().await,
            Self::Release => release::load().await,
            Self::Settings => settings::load().await,
            Self::Stops => stops::load().await,
            Self::Support => support::load().await,
        }
    }
}

/// A page of an area, as a route names it. It names no code of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AreaPage {
    Admin(admin::Pages),
    Environment(environment::Pages),
    Recovery(recovery::Pages),
    Exceptions(exceptions::Pages),
    Plan,
    Release(release::Pages),
    Settings,
    Stops(stops::Pages),
    Support(support::Pages),
}

impl AreaPage {
    pub const fn area(self) -> Area {
        match self {
            Self::Admin(_) => Area::Admin,
            Self::Environment(_) => Area::Environment,
            Self::Recovery(_) => Area::Recovery,
            Self::Exceptions(_) => Area::Exceptions,
            Self::Plan => Area::Plan,
            Self::Release(_) => Area::Release,
            Self::Settings => Area::Settings,
            Self::Stops(_) => Area::Stops,
            Self::Support(_) => Area::Support,
        }
    }

    async fn open(self) -> Result<AnyView, SplitLoaderError> {
        // Where they differ, the browser would take the page over without the Wasm of it. A path with dots in it is no
        // browser's: they resolve those before they ask.
        #[cfg(feature = "ssr")]
        debug_assert!(
            crate::platform::path()
                .is_none_or(|path| path.split('/').any(is_dots) || Area::of(&path) == Some(self.area())),
            "Area::of and the routes disagree about {self:?}"
        );
        match self {
            Self::Admin(page) => admin::open(page).await,
            Self::Environment(page) => environment::open(page).await,
            Self::Recovery(page) => recovery::open(page).await,
            Self::Exceptions(page) => exceptions::open(page).await,
            Self::Plan => plan::open().await,
            Self::Release(page) => release::open(page).await,
            Self::Settings => settings::open().await,
            Self::Stops(page) => stops::open(page).await,
            Self::Support(page) => support::open(page).await,
        }
    }
}

#[cfg(feature = "ssr")]
fn is_dots(part: &str) -> bool {
    matches!(part, "." | "..")
}

impl ChooseView for AreaPage {
    /// Without its Wasm (the network is gone, the server is newer) the page says so; its way on loads the page anew.
    async fn choose(self) -> AnyView {
        self.open().await.unwrap_or_else(|_| view! { <Failure error=ApiError::Unavailable /> }.into_any())
    }

    /// The router waits for this before it leaves the page that is open.
    async fn preload(&self) {
        let _ = self.area().load().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes;

    #[test]
    fn the_path_says_the_area() {
        for (path, area) in [
            (routes::NOTIFICATIONS, Area::Admin),
            (routes::CALENDAR, Area::Admin),
            (routes::ENVIRONMENTS, Area::Admin),
            ("/environments/env_1", Area::Environment),
            ("/support/environments/env_1", Area::Environment),
            (routes::DEPLOYMENTS, Area::Support),
            (routes::INCIDENTS, Area::Support),
            ("/rollouts/rol_1", Area::Release),
            (routes::FLIGHTS, Area::Recovery),
            ("/rollouts/rol_1/emergency", Area::Recovery),
            ("/rollouts/rol_1/recovery", Area::Recovery),
            (routes::EXEMPTIONS, Area::Exceptions),
            ("/exemptions/exm_1", Area::Exceptions),
            ("/rollouts/rol_1/plan", Area::Plan),
            (routes::SETTINGS, Area::Settings),
            (routes::HALTS, Area::Stops),
            (routes::FREEZES, Area::Stops),
        ] {
            assert_eq!(Area::of(path), Some(area), "{path}");
        }
        for path in [routes::ROOT, routes::LOGIN, "", "/no-such-page", "/rolloutsx"] {
            assert_eq!(Area::of(path), None, "{path}");
        }
    }
}
