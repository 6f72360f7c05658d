//! Which address needs which permission: every page, every server function, every other route, in one table. The guard
//! asks it before anything runs; a route that is missing here is refused, and a test compares the table with the routes
//! that exist. Services ask again for themselves: this table only keeps strangers from knocking.

use domain::permission::{Actor, Permission};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a look at the session.
    Public,
    /// The sign-in page: anybody; who is signed in already is sent home.
    SignIn,
    /// Whoever is signed in.
    SignedIn,
    Needs(Permission),
    /// One of these is enough; the service decides what is shown.
    NeedsOneOf(&'static [Permission]),
}

impl Access {
    pub fn allows(self, actor: &Actor) -> bool {
        match self {
            Self::Public | Self::SignIn | Self::SignedIn => true,
            Self::Needs(what) => actor.may(what),
            Self::NeedsOneOf(any) => any.iter().any(|what| actor.may(*what)),
        }
    }
}

/// Pages, by the pattern that the router matched.
pub const PAGES: &[(&str, Access)] = &[
    ("/login", Access::SignIn),
    ("/notifications", Access::Needs(Permission::SeeOwnEstate)),
    ("/notifications/{id}", Access::Needs(Permission::SeeOwnEstate)),
    ("/calendar", Access::Needs(Permission::SeeOwnEstate)),
    ("/environments", Access::Needs(Permission::SeeOwnEstate)),
    ("/environments/{id}", Access::Needs(Permission::SeeOwnEstate)),
    ("/support/deployments", Access::Needs(Permission::SeeDeployments)),
    ("/support/environments/{id}", Access::Needs(Permission::SeeEnvironments)),
    ("/rollouts", Access::Needs(Permission::SeeRollouts)),
    ("/rollouts/{id}", Access::Needs(Permission::SeeRollouts)),
    ("/settings", Access::Needs(Permission::ManageOwnSession)),
];

/// Server functions, by their endpoint.
pub const SERVER_FUNCTIONS: &[(&str, Access)] = &[
    ("/api/calendar/show", Access::Needs(Permission::SeeOwnEstate)),
    // What the sign-in page of a demo says; nothing outside a demo.
    ("/api/demo/accounts", Access::Public),
    ("/api/demo/speed", Access::Needs(Permission::SetDemoClock)),
    ("/api/deployments/search", Access::Needs(Permission::SeeDeployments)),
    ("/api/environments/list", Access::Needs(Permission::SeeOwnEstate)),
    ("/api/environments/show", Access::NeedsOneOf(&[Permission::SeeOwnEstate, Permission::SeeEnvironments])),
    ("/api/environments/designate", Access::Needs(Permission::DesignateSandbox)),
    ("/api/notifications/list", Access::Needs(Permission::SeeOwnEstate)),
    ("/api/notifications/show", Access::Needs(Permission::SeeOwnEstate)),
    ("/api/notifications/read", Access::Needs(Permission::SeeOwnEstate)),
    ("/api/notifications/read-all", Access::Needs(Permission::SeeOwnEstate)),
    ("/api/rollouts/list", Access::Needs(Permission::SeeRollouts)),
    ("/api/rollouts/show", Access::Needs(Permission::SeeRollouts)),
    ("/api/rollouts/environments", Access::Needs(Permission::SeeRollouts)),
    ("/api/rollouts/start", Access::Needs(Permission::StartRollout)),
    ("/api/rollouts/approve", Access::Needs(Permission::ApprovePromotion)),
    ("/api/rollouts/halt", Access::Needs(Permission::HaltRollout)),
    ("/api/rollouts/resume", Access::Needs(Permission::ResumeRollout)),
    ("/api/settings/show", Access::Needs(Permission::ManageOwnSession)),
    ("/api/settings/time-zone", Access::Needs(Permission::ManageOwnSession)),
    ("/api/shell/show", Access::SignedIn),
];

/// What is neither.
pub const OTHERS: &[(&str, Access)] = &[
    ("/", Access::SignedIn),
    ("/logout", Access::SignedIn),
    ("/logout-elsewhere", Access::Needs(Permission::ManageOwnSession)),
    ("/events", Access::SignedIn),
    ("/healthz", Access::Public),
    ("/readyz", Access::Public),
    ("/csp-report", Access::Public),
    ("/dev/reload", Access::Public),
];

/// `None`: nobody decided; the guard refuses.
pub fn access(pattern: &str) -> Option<Access> {
    [PAGES, SERVER_FUNCTIONS, OTHERS]
        .into_iter()
        .flatten()
        .find(|(known, _)| *known == pattern)
        .map(|(_, access)| *access)
}
