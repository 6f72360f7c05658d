//! Who may do what, and whose data they see. One table; routes, server functions and services ask it, tests are
//! generated from it. Not here: sessions and passwords.

use crate::ids::{CustomerId, UserId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    CustomerAdmin,
    CustomerViewer,
    Support,
    IncidentLead,
    ReleaseManager,
    Approver,
    Operator,
}

impl Role {
    pub const ALL: [Self; 7] = [
        Self::CustomerAdmin,
        Self::CustomerViewer,
        Self::Support,
        Self::IncidentLead,
        Self::ReleaseManager,
        Self::Approver,
        Self::Operator,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::CustomerAdmin => "Customer admin",
            Self::CustomerViewer => "Customer viewer",
            Self::Support => "Support engineer",
            Self::IncidentLead => "Incident lead",
            Self::ReleaseManager => "Release manager",
            Self::Approver => "Approver",
            Self::Operator => "Operator",
        }
    }

    pub const fn key(self) -> &'static str {
        match self {
            Self::CustomerAdmin => "customer_admin",
            Self::CustomerViewer => "customer_viewer",
            Self::Support => "support",
            Self::IncidentLead => "incident_lead",
            Self::ReleaseManager => "release_manager",
            Self::Approver => "approver",
            Self::Operator => "operator",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }

    /// Customers' roles always belong to one customer, staff roles to none.
    pub const fn of_customer(self) -> bool {
        matches!(self, Self::CustomerAdmin | Self::CustomerViewer)
    }

    /// The permission table. Deny by default: a permission is its named roles' and nobody else's.
    pub const fn may(self, what: Permission) -> bool {
        use Permission as P;
        match what {
            P::SeeOwnEstate => self.of_customer(),
            P::DesignateSandbox | P::PullAhead | P::PlanOwnEnvironment => matches!(self, Self::CustomerAdmin),
            P::RequestExemption => matches!(self, Self::CustomerAdmin | Self::Support),
            P::SeeExemptions | P::SeeDeployments | P::SeeEnvironments | P::SeeRollouts => !self.of_customer(),
            P::DecideExemption | P::ApprovePromotion | P::ApproveRecovery => {
                matches!(self, Self::ReleaseManager | Self::Approver)
            }
            P::StartRollout | P::ResumeRollout => matches!(self, Self::ReleaseManager),
            P::HaltRollout | P::ApproveEmergency => {
                matches!(self, Self::IncidentLead | Self::ReleaseManager | Self::Approver)
            }
            P::HaltEverything => {
                matches!(self, Self::IncidentLead | Self::ReleaseManager | Self::Approver | Self::Operator)
            }
            P::LiftEverything | P::SetFreezes => matches!(self, Self::ReleaseManager | Self::Operator),
            P::RequestEmergency | P::ProposeRecovery | P::TurnFlights => {
                matches!(self, Self::IncidentLead | Self::ReleaseManager)
            }
            P::ReportIncident => matches!(self, Self::Support | Self::IncidentLead | Self::ReleaseManager),
            P::SetPolicy | P::SetDemoClock => matches!(self, Self::Operator),
            P::ManageOwnSession => true,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Notifications, calendar and environments of one's own customer.
    SeeOwnEstate,
    DesignateSandbox,
    /// Take a build ahead of its night, and take that back.
    PullAhead,
    /// What an environment is planned by: its days, its next service update, priority-based batch scheduling.
    PlanOwnEnvironment,
    /// For one's own environment; support for any.
    RequestExemption,
    SeeExemptions,
    /// Grant, refuse and withdraw.
    DecideExemption,
    /// The version finder over all customers.
    SeeDeployments,
    /// Any customer's environment.
    SeeEnvironments,
    SeeRollouts,
    StartRollout,
    ApprovePromotion,
    HaltRollout,
    ResumeRollout,
    /// The kill switch.
    HaltEverything,
    LiftEverything,
    /// Set freezes and end them.
    SetFreezes,
    /// Ask for the emergency path of a rollout, complete what it owes, review it.
    RequestEmergency,
    /// May be named as an approver of the emergency path.
    ApproveEmergency,
    /// Choose a way out of a halt, start it, abandon it.
    ProposeRecovery,
    ApproveRecovery,
    TurnFlights,
    /// Report what customers suffer from or staff found; it halts the build where the rule says so.
    ReportIncident,
    /// Who may approve an emergency path.
    SetPolicy,
    /// Only where the server runs on a demo clock.
    SetDemoClock,
    /// Sign out, sign out elsewhere, own time zone.
    ManageOwnSession,
}

impl Permission {
    pub const ALL: [Self; 26] = [
        Self::SeeOwnEstate,
        Self::DesignateSandbox,
        Self::PullAhead,
        Self::PlanOwnEnvironment,
        Self::RequestExemption,
        Self::SeeExemptions,
        Self::DecideExemption,
        Self::SeeDeployments,
        Self::SeeEnvironments,
        Self::SeeRollouts,
        Self::StartRollout,
        Self::ApprovePromotion,
        Self::HaltRollout,
        Self::ResumeRollout,
        Self::HaltEverything,
        Self::LiftEverything,
        Self::SetFreezes,
        Self::RequestEmergency,
        Self::ApproveEmergency,
        Self::ProposeRecovery,
        Self::ApproveRecovery,
        Self::TurnFlights,
        Self::ReportIncident,
        Self::SetPolicy,
        Self::SetDemoClock,
        Self::ManageOwnSession,
    ];
}

/// Whose data a query may touch. An argument of every customer-facing query; a foreign id does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantScope {
    Customer(CustomerId),
    AllCustomers,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// Set exactly for customers' roles.
    pub customer: Option<CustomerId>,
    pub customer_name: Option<String>,
    /// IANA name of the zone in which times are shown.
    pub time_zone: String,
}

impl Actor {
    pub const fn may(&self, what: Permission) -> bool {
        self.role.may(what)
    }

    /// `None` where a customer's role came without a customer: such an actor sees nothing.
    pub const fn scope(&self) -> Option<TenantScope> {
        match (self.role.of_customer(), self.customer) {
            (true, Some(customer)) => Some(TenantScope::Customer(customer)),
            (true, None) => None,
            (false, _) => Some(TenantScope::AllCustomers),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_never_reach_staff_work() {
        for role in Role::ALL.into_iter().filter(|role| role.of_customer()) {
            for what in Permission::ALL {
                let own = matches!(
                    what,
                    Permission::SeeOwnEstate
                        | Permission::DesignateSandbox
                        | Permission::PullAhead
                        | Permission::PlanOwnEnvironment
                        | Permission::RequestExemption
                        | Permission::ManageOwnSession
                );
                assert!(own || !role.may(what), "{role:?} {what:?}");
            }
        }
    }

    #[test]
    fn every_permission_is_somebodys_and_every_key_is_known() {
        for what in Permission::ALL {
            assert!(Role::ALL.into_iter().any(|role| role.may(what)), "{what:?}");
        }
        for role in Role::ALL {
            assert_eq!(Role::from_key(role.key()), Some(role));
        }
    }
}
