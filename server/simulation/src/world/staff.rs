//! Who acts in a simulation: staff of the vendor, and an administrator of each customer.
//! Who may approve an emergency path is named: whoever asks for one, two others are left.

use super::fleet::Fleet;
use crate::Result;
use chrono::{DateTime, Utc};
use domain::emergency::EmergencyPolicy;
use domain::ids::{CustomerId, UserId};
use domain::permission::{Actor, Role};
use services::ports::Ids;
use std::collections::BTreeMap;
use store::Db;
use store::user::NewUser;

#[derive(Debug)]
pub struct Staff {
    pub manager: Actor,
    pub approver: Actor,
    pub lead: Actor,
    pub support: Actor,
    pub admins: BTreeMap<CustomerId, Actor>,
    /// Another incident lead.
    pub deputy: Actor,
    pub operator: Actor,
}

impl Staff {
    pub fn new(ids: &dyn Ids, fleet: &Fleet) -> Self {
        let vendor = |name: &str, role: Role| Actor {
            user: UserId::new(ids.uuid()),
            name: name.to_owned(),
            email: format!("{}@vendor.example", role.key()),
            role,
            customer: None,
            customer_name: None,
            time_zone: "Etc/UTC".to_owned(),
        };
        let admin = |customer: &store::customer::Customer| Actor {
            user: UserId::new(ids.uuid()),
            name: format!("Admin of {}", customer.name),
            email: format!("admin@{}", customer.domain),
            role: Role::CustomerAdmin,
            customer: Some(customer.id),
            customer_name: Some(customer.name.clone()),
            time_zone: "Etc/UTC".to_owned(),
        };
        Self {
            manager: vendor("M. Anager", Role::ReleaseManager),
            approver: vendor("A. Pprover", Role::Approver),
            lead: vendor("I. Lead", Role::IncidentLead),
            support: vendor("S. Upport", Role::Support),
            admins: fleet.customers.iter().map(|customer| (customer.id, admin(customer))).collect(),
            deputy: Actor { email: "deputy@vendor.example".to_owned(), ..vendor("D. Eputy", Role::IncidentLead) },
            operator: vendor("O. Perator", Role::Operator),
        }
    }

    /// Everybody who may be named as an approver of emergency paths.
    pub const fn nameable(&self) -> [&Actor; 4] {
        [&self.manager, &self.approver, &self.lead, &self.deputy]
    }

    /// Whose estate is whose.
    pub fn owners(&self) -> BTreeMap<UserId, CustomerId> {
        self.admins.iter().map(|(customer, admin)| (admin.user, *customer)).collect()
    }

    /// Accounts of those whose approval is asked for: it counts while they have one (I11).
    pub async fn write(&self, db: &Db, now: DateTime<Utc>) -> Result<()> {
        let tx = db.begin().await?;
        for actor in self.nameable() {
            let account = NewUser {
                id: actor.user,
                email: actor.email.clone(),
                name: actor.name.clone(),
                password_hash: String::new(),
                role: actor.role,
                customer: None,
                time_zone: actor.time_zone.clone(),
                created_at: now,
            };
            store::user::insert(&tx, &account).await?;
        }
        let named = self.nameable().map(|actor| actor.user).into();
        store::emergency::set_policy(&tx, &EmergencyPolicy::with(named)).await?;
        tx.commit().await?;
        Ok(())
    }
}
