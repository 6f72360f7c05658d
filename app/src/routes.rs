//! Every own address, in one place. Pages, the frame, the server and the tests ask here, so that a link cannot be
//! misspelt. The patterns of the router are in `app`; what stands after `?` is `params`.

use domain::ids::{EnvironmentId, ExemptionId, NotificationId, RolloutId};
use domain::permission::{Permission, Role};

use crate::query::Query;

pub const ROOT: &str = "/";
pub const LOGIN: &str = "/login";
/// POST only, answered by the server outside Leptos.
pub const LOGOUT: &str = "/logout";
/// POST only, answered by the server outside Leptos.
pub const LOGOUT_ELSEWHERE: &str = "/logout-elsewhere";
pub const NOTIFICATIONS: &str = "/notifications";
pub const CALENDAR: &str = "/calendar";
pub const ENVIRONMENTS: &str = "/environments";
pub const DEPLOYMENTS: &str = "/support/deployments";
pub const INCIDENTS: &str = "/incidents";
pub const ROLLOUTS: &str = "/rollouts";
pub const HALTS: &str = "/halts";
pub const FREEZES: &str = "/freezes";
pub const FLIGHTS: &str = "/flights";
pub const EXEMPTIONS: &str = "/exemptions";
pub const SETTINGS: &str = "/settings";
/// Server-sent events.
pub const EVENTS: &str = "/events";

/// The sign-in page; `next` is where to go afterwards.
pub fn login(next: Option<&str>) -> String {
    Query::default().set("next", next.and_then(own_path).unwrap_or_default()).on(LOGIN)
}

/// Where a role starts: the first page of its work.
pub const fn home(role: Role) -> &'static str {
    if role.may(Permission::SeeOwnEstate) {
        NOTIFICATIONS
    } else if matches!(role, Role::Support | Role::IncidentLead) {
        DEPLOYMENTS
    } else {
        ROLLOUTS
    }
}

pub fn notification(id: NotificationId) -> String {
    format!("{NOTIFICATIONS}/{id}")
}

/// One's own environment.
pub fn environment(id: EnvironmentId) -> String {
    format!("{ENVIRONMENTS}/{id}")
}

/// Anybody's environment, for staff.
pub fn support_environment(id: EnvironmentId) -> String {
    format!("/support/environments/{id}")
}

pub fn rollout(id: RolloutId) -> String {
    format!("{ROLLOUTS}/{id}")
}

/// The ways out of a halt of a rollout.
pub fn recovery(id: RolloutId) -> String {
    format!("{ROLLOUTS}/{id}/recovery")
}

/// The emergency path of a rollout.
pub fn emergency(id: RolloutId) -> String {
    format!("{ROLLOUTS}/{id}/emergency")
}

pub fn exemption(id: ExemptionId) -> String {
    format!("{EXEMPTIONS}/{id}")
}

/// What a rollout would do.
pub fn plan(id: RolloutId) -> String {
    format!("{ROLLOUTS}/{id}/plan")
}

/// A path of this site, and nothing that a browser could read as another one (`//host`, `/\host`, `https:`).
pub fn own_path(text: &str) -> Option<&str> {
    let path = text.strip_prefix('/')?;
    let foreign = path.starts_with(['/', '\\']) || text.contains(|c: char| c.is_control() || c == '\\');
    (!foreign).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_followed() {
        for own in ["/", "/calendar?month=2026-10", "/environments/env_1#why-then"] {
            assert_eq!(own_path(own), Some(own));
        }
        for foreign in ["", "calendar", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", "/a\\b"] {
            assert_eq!(own_path(foreign), None, "{foreign}");
        }
        assert_eq!(login(Some("//evil.example")), "/login");
        assert_eq!(login(Some("/calendar?month=2026-10")), "/login?next=%2Fcalendar%3Fmonth%3D2026-10");
    }

    #[test]
    fn every_role_starts_where_it_may_be() {
        for role in Role::ALL {
            let needs = match home(role) {
                NOTIFICATIONS => Permission::SeeOwnEstate,
                DEPLOYMENTS => Permission::SeeDeployments,
                _ => Permission::SeeRollouts,
            };
            assert!(role.may(needs), "{role:?}");
        }
    }
}
