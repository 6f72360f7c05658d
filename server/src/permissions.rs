//! Which address needs which permission: every page, every server function, every other route, in one table. The guard
//! asks it before anything runs; a route that is missing here is refused, and a test compares the table with the routes
//! that exist. Services ask again for themselves: this table only keeps strangers from knocking.

use crate::handlers::api;
use domain::permission::{Actor, Permission};
use domain::token::TokenKind;

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
    /// A program with a token of one of these kinds; no person, whoever is signed in.
    Program(&'static [TokenKind]),
}

impl Access {
    pub fn allows(self, actor: &Actor) -> bool {
        match self {
            Self::Public | Self::SignIn | Self::SignedIn => true,
            Self::Needs(what) => actor.may(what),
            Self::NeedsOneOf(any) => any.iter().any(|what| actor.may(*what)),
            Self::Program(_) => false,
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
    ("/incidents", Access::Needs(Permission::SeeRollouts)),
    ("/rollouts", Access::Needs(Permission::SeeRollouts)),
    ("/rollouts/{id}", Access::Needs(Permission::SeeRollouts)),
    ("/halts", Access::Needs(Permission::SeeRollouts)),
    ("/freezes", Access::Needs(Permission::SeeRollouts)),
    ("/rollouts/{id}/emergency", Access::Needs(Permission::SeeRollouts)),
    ("/rollouts/{id}/recovery", Access::Needs(Permission::SeeRollouts)),
    ("/flights", Access::Needs(Permission::SeeRollouts)),
    ("/exemptions", Access::Needs(Permission::SeeExemptions)),
    ("/exemptions/{id}", Access::Needs(Permission::SeeExemptions)),
    ("/rollouts/{id}/plan", Access::Needs(Permission::SeeRollouts)),
    ("/settings", Access::Needs(Permission::ManageOwnSession)),
];

/// Server functions, by their endpoint.
pub const SERVER_FUNCTIONS: &[(&str, Access)] = &[
    ("/api/calendar/show", Access::Needs(Permission::SeeOwnEstate)),
    // What the sign-in page of a demo says; nothing outside a demo.
    ("/api/demo/accounts", Access::Public),
    ("/api/demo/speed", Access::Needs(Permission::SetDemoClock)),
    ("/api/deployments/search", Access::Needs(Permission::SeeDeployments)),
    ("/api/emergency/show", Access::Needs(Permission::SeeRollouts)),
    ("/api/emergency/request", Access::Needs(Permission::RequestEmergency)),
    ("/api/emergency/approve", Access::Needs(Permission::ApproveEmergency)),
    ("/api/emergency/end", Access::Needs(Permission::RequestEmergency)),
    ("/api/emergency/gate", Access::Needs(Permission::RequestEmergency)),
    ("/api/emergency/review", Access::Needs(Permission::RequestEmergency)),
    ("/api/emergency/approvers", Access::Needs(Permission::SetPolicy)),
    ("/api/environments/list", Access::Needs(Permission::SeeOwnEstate)),
    ("/api/environments/show", Access::NeedsOneOf(&[Permission::SeeOwnEstate, Permission::SeeEnvironments])),
    ("/api/environments/designate", Access::Needs(Permission::DesignateSandbox)),
    ("/api/freezes/list", Access::Needs(Permission::SeeRollouts)),
    ("/api/freezes/set", Access::Needs(Permission::SetFreezes)),
    ("/api/freezes/end", Access::Needs(Permission::SetFreezes)),
    ("/api/halts/list", Access::Needs(Permission::SeeRollouts)),
    // Which of the two is enough depends on what is halted or lifted.
    ("/api/halts/place", Access::NeedsOneOf(&[Permission::HaltRollout, Permission::HaltEverything])),
    ("/api/halts/lift", Access::NeedsOneOf(&[Permission::ResumeRollout, Permission::LiftEverything])),
    ("/api/incidents/list", Access::Needs(Permission::SeeRollouts)),
    ("/api/incidents/report", Access::Needs(Permission::ReportIncident)),
    ("/api/flights/list", Access::Needs(Permission::SeeRollouts)),
    ("/api/flights/turn", Access::Needs(Permission::TurnFlights)),
    ("/api/environments/pull-ahead", Access::Needs(Permission::PullAhead)),
    ("/api/environments/undo-pull", Access::Needs(Permission::PullAhead)),
    ("/api/environments/plan", Access::Needs(Permission::PlanOwnEnvironment)),
    ("/api/exemptions/list", Access::Needs(Permission::SeeExemptions)),
    ("/api/exemptions/show", Access::Needs(Permission::SeeExemptions)),
    ("/api/exemptions/request", Access::Needs(Permission::RequestExemption)),
    ("/api/exemptions/grant", Access::Needs(Permission::DecideExemption)),
    ("/api/exemptions/refuse", Access::Needs(Permission::DecideExemption)),
    ("/api/exemptions/withdraw", Access::Needs(Permission::DecideExemption)),
    ("/api/notifications/list", Access::Needs(Permission::SeeOwnEstate)),
    ("/api/notifications/show", Access::Needs(Permission::SeeOwnEstate)),
    ("/api/notifications/read", Access::Needs(Permission::SeeOwnEstate)),
    ("/api/notifications/read-all", Access::Needs(Permission::SeeOwnEstate)),
    ("/api/recovery/show", Access::Needs(Permission::SeeRollouts)),
    ("/api/recovery/propose", Access::Needs(Permission::ProposeRecovery)),
    ("/api/recovery/approve", Access::Needs(Permission::ApproveRecovery)),
    ("/api/recovery/start", Access::Needs(Permission::ProposeRecovery)),
    ("/api/recovery/abandon", Access::Needs(Permission::ProposeRecovery)),
    ("/api/rollouts/list", Access::Needs(Permission::SeeRollouts)),
    ("/api/rollouts/show", Access::Needs(Permission::SeeRollouts)),
    ("/api/rollouts/environments", Access::Needs(Permission::SeeRollouts)),
    ("/api/rollouts/start", Access::Needs(Permission::StartRollout)),
    ("/api/rollouts/approve", Access::Needs(Permission::ApprovePromotion)),
    ("/api/rollouts/halt", Access::Needs(Permission::HaltRollout)),
    ("/api/rollouts/resume", Access::Needs(Permission::ResumeRollout)),
    ("/api/rollouts/approve-build", Access::Needs(Permission::ApprovePromotion)),
    ("/api/rollouts/withdraw-build", Access::Needs(Permission::HaltRollout)),
    ("/api/rollouts/plan/show", Access::Needs(Permission::SeeRollouts)),
    ("/api/rollouts/plan/percent", Access::Needs(Permission::StartRollout)),
    ("/api/settings/show", Access::Needs(Permission::ManageOwnSession)),
    ("/api/settings/time-zone", Access::Needs(Permission::ManageOwnSession)),
    ("/api/shell/show", Access::SignedIn),
];

const LISTENING_SYSTEM: Access = Access::Program(&[TokenKind::ListeningSystem]);
const AGENT: Access = Access::Program(&[TokenKind::Agent]);

/// What programs ask, as `/openapi.json` describes it.
pub const PROGRAMS: &[(&str, Access)] = &[
    ("/api/v1/agent/order", AGENT),
    ("/api/v1/agent/orders/{id}/begin", AGENT),
    ("/api/v1/agent/reports", AGENT),
    ("/api/v1/environments/{id}/flights", AGENT),
    ("/api/v1/environments/{id}/why", AGENT),
    ("/api/v1/incidents", LISTENING_SYSTEM),
    ("/api/v1/signals", LISTENING_SYSTEM),
];

/// What is none of these.
pub const OTHERS: &[(&str, Access)] = &[
    ("/", Access::SignedIn),
    ("/logout", Access::SignedIn),
    ("/logout-elsewhere", Access::Needs(Permission::ManageOwnSession)),
    ("/events", Access::SignedIn),
    ("/healthz", Access::Public),
    ("/readyz", Access::Public),
    ("/csp-report", Access::Public),
    ("/dev/reload", Access::Public),
    ("/openapi.json", Access::Public),
    // Nothing is there, and no token is needed to learn that.
    (api::REST, Access::Public),
];

/// `None`: nobody decided; the guard refuses.
pub fn access(pattern: &str) -> Option<Access> {
    [PAGES, SERVER_FUNCTIONS, PROGRAMS, OTHERS]
        .into_iter()
        .flatten()
        .find(|(known, _)| *known == pattern)
        .map(|(_, access)| *access)
}
