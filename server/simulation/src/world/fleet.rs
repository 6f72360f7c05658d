//! Customers and environments: kinds, tiers, regions (some that no station visits, or whose dark hours nobody knows),
//! designations, exemptions that end meanwhile, priority batch off, chosen days, and sandboxes ahead of production.

use super::trains::{SERVICE_UPDATES, Trains};
use chrono::{DateTime, TimeDelta, Utc, Weekday};
use domain::calendar::DaySet;
use domain::catalogue::Catalogue;
use domain::fleet::{Designation, EnvironmentKind, Exemption};
use domain::ids::{CustomerId, EnvironmentId};
use domain::release::ServiceUpdate;
use services::mix::Mix;
use services::ports::Ids;
use store::customer::Customer;
use store::environment::NewEnvironment;

/// A region that the catalogue does not know.
const UNKNOWN_REGION: &str = "atlantis";

#[derive(Debug)]
pub struct Fleet {
    pub customers: Vec<Customer>,
    pub environments: Vec<NewEnvironment>,
}

impl Fleet {
    pub fn draw(
        mix: &mut Mix,
        ids: &dyn Ids,
        catalogue: &Catalogue,
        trains: &Trains,
        start: DateTime<Utc>,
        environments: u32,
    ) -> Self {
        let mut fleet = Self { customers: Vec::new(), environments: Vec::new() };
        let wanted = environments as usize;
        while fleet.environments.len() < wanted {
            let number = fleet.customers.len() + 1;
            let customer = Customer {
                id: CustomerId::new(ids.uuid()),
                name: format!("Customer {number}"),
                domain: format!("c{number}.example"),
                sector: "retail".to_owned(),
                regulated: mix.percent(30),
                created_at: start,
            };
            let left = wanted - fleet.environments.len();
            let estate = Estate { mix, ids, catalogue, trains, start, customer: &customer };
            fleet.environments.extend(estate.draw().into_iter().take(left));
            fleet.customers.push(customer);
        }
        fleet.loosen();
        fleet
    }

    /// Whoever followed an environment that did not find room any more goes with the others.
    fn loosen(&mut self) {
        let known: std::collections::BTreeSet<EnvironmentId> = self.environments.iter().map(|e| e.id).collect();
        for environment in &mut self.environments {
            if let Designation::WithProduction { production } = environment.designation
                && !known.contains(&production)
            {
                environment.designation = Designation::Standard;
            }
        }
    }
}

struct Estate<'a> {
    mix: &'a mut Mix,
    ids: &'a dyn Ids,
    catalogue: &'a Catalogue,
    trains: &'a Trains,
    start: DateTime<Utc>,
    customer: &'a Customer,
}

impl Estate<'_> {
    fn draw(mut self) -> Vec<NewEnvironment> {
        let home = self.region();
        let on = match self.mix.below(10) {
            0..=5 => SERVICE_UPDATES[0],
            6..=8 => SERVICE_UPDATES[1],
            _ => SERVICE_UPDATES[2],
        };
        let mut estate = Vec::new();
        let productions = 1 + usize::from(self.mix.percent(12));
        for i in 0..productions {
            let region = if i == 0 { home.clone() } else { self.region() };
            estate.push(self.environment(&format!("PROD{i}"), EnvironmentKind::Production, &region, on));
        }
        for i in 0..self.mix.between(1, 5) {
            let region = if self.mix.percent(80) { home.clone() } else { self.region() };
            let ahead = self.mix.percent(10).then(|| newer(on)).flatten();
            let mut sandbox =
                self.environment(&format!("SAND{i}"), EnvironmentKind::Sandbox, &region, ahead.unwrap_or(on));
            sandbox.designation = match self.mix.below(10) {
                0 => Designation::Early,
                // One sandbox stays in front.
                1 | 2 if i > 0 => Designation::WithProduction { production: estate[0].id },
                _ => Designation::Standard,
            };
            estate.push(sandbox);
        }
        if self.mix.percent(25) {
            estate.push(self.environment("TRIAL", EnvironmentKind::Trial, &home, on));
        }
        estate
    }

    fn region(&mut self) -> String {
        if self.mix.percent(1) {
            return UNKNOWN_REGION.to_owned();
        }
        // Few regions for many environments, so that caps are felt; and some that no train can visit.
        let slug = |region: &domain::fleet::Region| region.slug.clone();
        let all: Vec<String> = self.catalogue.regions.iter().map(slug).collect();
        let visited = |region: &&domain::fleet::Region| region.station.is_some() && region.dark_hours.is_some();
        let few: Vec<String> = self.catalogue.regions.iter().filter(visited).step_by(3).map(slug).collect();
        let from = if self.mix.percent(90) { &few } else { &all };
        self.mix.pick(from).cloned().unwrap_or_else(|| UNKNOWN_REGION.to_owned())
    }

    fn environment(
        &mut self,
        name: &str,
        kind: EnvironmentKind,
        region: &str,
        service_update: ServiceUpdate,
    ) -> NewEnvironment {
        let production = kind == EnvironmentKind::Production;
        let expires_at = self.start + TimeDelta::hours(self.mix.between(24, 40 * 24));
        let exempt = self.customer.regulated && self.mix.percent(30);
        let reason = "a validation is under way".to_owned();
        let exemption =
            Exemption::grant(self.customer.regulated, reason, "VP-1".to_owned(), expires_at).ok().filter(|_| exempt);
        let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        let chosen: Vec<Weekday> = days.into_iter().filter(|_| self.mix.percent(50)).collect();
        NewEnvironment {
            id: EnvironmentId::new(self.ids.uuid()),
            customer: self.customer.id,
            name: name.to_owned(),
            kind,
            tier: if production || self.mix.percent(15) { 4 } else { 2 },
            region: region.to_owned(),
            service_update,
            build: self
                .trains
                .before
                .get(&service_update)
                .copied()
                .unwrap_or(domain::release::BuildVersion::new([0; 4])),
            platform: None,
            build_since: self.start - TimeDelta::days(20),
            designation: if production && self.mix.percent(10) { Designation::Early } else { Designation::Standard },
            chosen_days: (production && !chosen.is_empty() && self.mix.percent(20)).then(|| DaySet::of(chosen)),
            priority_batch: !production || self.mix.percent(85),
            exemption,
            created_at: self.start,
        }
    }
}

fn newer(than: ServiceUpdate) -> Option<ServiceUpdate> {
    let place = SERVICE_UPDATES.iter().position(|number| *number == than)?;
    place.checked_sub(1).map(|newer| SERVICE_UPDATES[newer])
}
