//! Which sections of the rail somebody has: a page is listed exactly for those who may see it.

use domain::permission::Permission;
use domain::wire::shell::ShellView;

use crate::{
    layout::{IconName, NavItem, NavSection},
    routes,
};

pub fn sections(view: &ShellView, path: &str) -> Vec<NavSection> {
    let item = |needs: Permission, href: &str, label: &str, icon: IconName, count: Option<u64>| {
        view.may(needs).then(|| NavItem {
            href: href.to_owned(),
            label: label.to_owned(),
            icon,
            current: is_under(path, href),
            count,
        })
    };
    let all = [
        (
            "My estate",
            vec![
                item(
                    Permission::SeeOwnEstate,
                    routes::NOTIFICATIONS,
                    "Notifications",
                    IconName::Bell,
                    Some(view.unread),
                ),
                item(Permission::SeeOwnEstate, routes::CALENDAR, "Calendar", IconName::Calendar, None),
                item(Permission::SeeOwnEstate, routes::ENVIRONMENTS, "Environments", IconName::Environment, None),
            ],
        ),
        (
            "Releases",
            vec![
                item(Permission::SeeRollouts, routes::ROLLOUTS, "Rollouts", IconName::Train, None),
                item(Permission::SeeRollouts, routes::HALTS, "Halts", IconName::Alert, Some(view.halts)),
                item(Permission::SeeRollouts, routes::FREEZES, "Freezes", IconName::Freeze, None),
                item(Permission::SeeRollouts, routes::FLIGHTS, "Flights", IconName::Flight, None),
                item(Permission::SeeExemptions, routes::EXEMPTIONS, "Exemptions", IconName::Approval, None),
            ],
        ),
        (
            "Support",
            vec![
                item(Permission::SeeDeployments, routes::DEPLOYMENTS, "Deployments", IconName::Deployments, None),
                item(Permission::SeeRollouts, routes::INCIDENTS, "Incidents", IconName::Alert, None),
            ],
        ),
        ("Account", vec![item(Permission::ManageOwnSession, routes::SETTINGS, "Settings", IconName::Settings, None)]),
    ];
    all.into_iter()
        .map(|(title, items)| NavSection { title: title.to_owned(), items: items.into_iter().flatten().collect() })
        .filter(|section| !section.items.is_empty())
        .collect()
}

/// The page itself or one below it. An environment that staff look at belongs to the version finder.
fn is_under(path: &str, href: &str) -> bool {
    let below = |parent: &str| path.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    below(href) || (href == routes::DEPLOYMENTS && below("/support"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::permission::Role;

    fn seen_by(role: Role, path: &str) -> Vec<NavItem> {
        let view = ShellView {
            name: "Ada".into(),
            email: "ada@contoso.example".into(),
            role,
            place: "Contoso".into(),
            may: Permission::ALL.into_iter().filter(|what| role.may(*what)).collect(),
            zone: String::new(),
            unread: 3,
            halts: 2,
            demo: None,
            stop: None,
            live_seq: 0,
        };
        sections(&view, path).into_iter().flat_map(|section| section.items).collect()
    }

    #[test]
    fn customers_and_staff_see_their_own_pages_only() {
        let labels = |role| seen_by(role, "/").into_iter().map(|item| item.label).collect::<Vec<_>>();
        assert_eq!(labels(Role::CustomerViewer), ["Notifications", "Calendar", "Environments", "Settings"]);
        assert_eq!(
            labels(Role::Support),
            ["Rollouts", "Halts", "Freezes", "Flights", "Exemptions", "Deployments", "Incidents", "Settings"]
        );
    }

    #[test]
    fn what_waits_is_counted_for_whom_it_concerns() {
        let counted = |role: Role| {
            let items = seen_by(role, "/").into_iter().filter_map(|item| Some((item.label, item.count?)));
            items.collect::<Vec<_>>()
        };
        assert_eq!(counted(Role::CustomerViewer), [("Notifications".to_owned(), 3)]);
        assert_eq!(counted(Role::ReleaseManager), [("Halts".to_owned(), 2)]);
    }

    #[test]
    fn one_item_is_current_at_most() {
        for (path, current) in [
            ("/environments/env_1", vec!["Environments"]),
            ("/environmentsx", vec![]),
            ("/notifications", vec!["Notifications"]),
        ] {
            let items = seen_by(Role::CustomerAdmin, path);
            let found: Vec<_> = items.iter().filter(|item| item.current).map(|item| item.label.as_str()).collect();
            assert_eq!(found, current, "{path}");
        }
        let staff = seen_by(Role::Support, "/support/environments/env_1");
        assert_eq!(staff.iter().filter(|item| item.current).count(), 1);
    }
}
