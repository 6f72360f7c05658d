//! The people of the demo. Their password is public: they exist under `--demo` only, and the sign-in page lists them.

use domain::permission::Role;
use domain::wire::shell::DemoAccounts;

pub const DEMO_PASSWORD: &str = "signalbox-demo";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoAccount {
    pub email: &'static str,
    pub name: &'static str,
    pub role: Role,
    /// The domain of the customer it belongs to; `None` for the vendor's staff.
    pub customer: Option<&'static str>,
    pub time_zone: &'static str,
}

const fn of_customer(
    email: &'static str,
    name: &'static str,
    role: Role,
    customer: &'static str,
    time_zone: &'static str,
) -> DemoAccount {
    DemoAccount { email, name, role, customer: Some(customer), time_zone }
}

const fn of_staff(email: &'static str, name: &'static str, role: Role, time_zone: &'static str) -> DemoAccount {
    DemoAccount { email, name, role, customer: None, time_zone }
}

pub const DEMO_ACCOUNTS: [DemoAccount; 8] = [
    of_customer("admin@contoso.example", "Ada Moreau", Role::CustomerAdmin, "contoso.example", "Europe/Berlin"),
    of_customer("admin@fabrikam.example", "Ben Whitlock", Role::CustomerAdmin, "fabrikam.example", "America/New_York"),
    of_customer("viewer@contoso.example", "Jonas Albrecht", Role::CustomerViewer, "contoso.example", "Europe/Berlin"),
    of_staff("support@vendor.example", "M. Castellanos", Role::Support, "America/New_York"),
    of_staff("incident@vendor.example", "T. Lindqvist", Role::IncidentLead, "Europe/Berlin"),
    of_staff("release@vendor.example", "R. Iyer", Role::ReleaseManager, "Europe/Berlin"),
    of_staff("approver@vendor.example", "N. Okafor", Role::Approver, "Europe/London"),
    of_staff("operator@vendor.example", "L. Haddad", Role::Operator, "UTC"),
];

/// What the sign-in page shows.
pub fn demo_accounts() -> DemoAccounts {
    let accounts = DEMO_ACCOUNTS.iter().map(|account| (account.email.to_owned(), account.role.word().to_owned()));
    DemoAccounts { password: DEMO_PASSWORD.to_owned(), accounts: accounts.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::ZoneClockface;

    #[test]
    fn every_role_has_somebody_and_every_zone_is_known() {
        for role in Role::ALL {
            assert!(DEMO_ACCOUNTS.iter().any(|account| account.role == role), "{role:?}");
        }
        for account in DEMO_ACCOUNTS {
            assert!(ZoneClockface::named(account.time_zone).is_some(), "{}", account.email);
            assert_eq!(account.customer.is_some(), account.role.of_customer(), "{}", account.email);
            let domain = account.customer.unwrap_or("vendor.example");
            assert!(account.email.ends_with(&format!("@{domain}")), "{}", account.email);
        }
    }
}
