//! The demo fleet: about 1,200 environments of 200 made-up customers, in every region and station of the catalogue.
//! The same seed gives the same fleet. Not here: writing it down (`seed`).

mod builds;
mod choices;
mod roster;
#[cfg(test)]
mod tests;

pub use builds::{Installed, PREVIEW};

use crate::catalogue::demo::DemoCustomer;
use crate::mix::Mix;
use builds::Stop;
use choices::ServiceUpdates;
use chrono::{DateTime, TimeDelta, Utc};
use domain::calendar::MaintenanceDays;
use domain::catalogue::Catalogue;
use domain::fleet::designation::moves_with_sandboxes;
use domain::fleet::{Audience, Designation, EnvironmentKind, Region, StageKey, StationNumber};
use domain::ids::{CustomerId, EnvironmentId};
use domain::release::{ServiceUpdate, TrainId};
use roster::{Slot, Wish};
use std::collections::HashMap;
use store::customer::Customer;
use store::environment::NewEnvironment;

/// The rollouts that wait for the release manager. Their builds have reached nobody but those who pulled them.
pub const DRAFTS: [TrainId; 2] = [
    TrainId { service_update: ServiceUpdate::new([10, 0, 48]), number: 7 },
    TrainId { service_update: ServiceUpdate::new([10, 0, 47]), number: 13 },
];

/// One customer in five has a sandbox in the early opt-in.
const EARLY_EVERY: usize = 5;
/// One of eight of those lets production go first in its station, too.
const EARLY_PRODUCTION_EVERY: usize = 8;

const PRIORITY_BATCH_OFF_PERCENT: u8 = 4;

#[derive(Debug, Clone, PartialEq)]
pub struct FleetCustomer {
    pub customer: Customer,
    pub environments: Vec<FleetEnvironment>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FleetEnvironment {
    pub environment: NewEnvironment,
    /// What ran before, newest first.
    pub earlier: Vec<Installed>,
}

/// One environment on its way into the fleet.
struct Draft<'a> {
    id: EnvironmentId,
    slot: Slot,
    service_update: ServiceUpdate,
    region: &'a str,
    created_at: DateTime<Utc>,
}

/// One customer on its way into the fleet.
struct Owner<'a> {
    row: usize,
    is_fixed: bool,
    customer: &'a DemoCustomer,
    id: CustomerId,
    created_at: DateTime<Utc>,
}

pub fn fleet(seed: u64, catalogue: &Catalogue, customers: &[DemoCustomer], now: DateTime<Utc>) -> Vec<FleetCustomer> {
    let mut on_service_update: HashMap<ServiceUpdate, usize> = HashMap::new();
    let mut fleet = Vec::with_capacity(customers.len());
    for (row, customer) in customers.iter().enumerate() {
        let mut mix = Mix::keyed(seed, &[row as u64]);
        let turn = on_service_update.entry(customer.service_update).or_default();
        *turn += 1;
        let early = (turn.is_multiple_of(EARLY_EVERY)).then_some(*turn / EARLY_EVERY);
        fleet.push(one_customer(catalogue, row, customer, early, now, &mut mix));
    }
    fleet
}

/// `early`: its number among the customers of the early opt-in, where it is one.
fn one_customer(
    catalogue: &Catalogue,
    row: usize,
    customer: &DemoCustomer,
    early: Option<usize>,
    now: DateTime<Utc>,
    mix: &mut Mix,
) -> FleetCustomer {
    let created_at = now - TimeDelta::minutes(mix.between(360 * 24 * 60, 1_900 * 24 * 60));
    let fixed = roster::fixed(&customer.domain);
    let owner =
        Owner { row, is_fixed: fixed.is_some(), customer, id: CustomerId::new(mix.uuid(created_at)), created_at };
    let mut slots = fixed.unwrap_or_else(|| roster::drawn(customer.size, customer.regulated, mix));
    if let Some(early) = early.filter(|_| !owner.is_fixed) {
        opt_in(&mut slots, early.is_multiple_of(EARLY_PRODUCTION_EVERY), mix);
    }
    let service_updates = if owner.is_fixed {
        ServiceUpdates::same(customer.service_update)
    } else {
        ServiceUpdates::drawn(catalogue, customer.service_update, now.date_naive(), mix)
    };
    let drafts: Vec<Draft<'_>> = slots.iter().map(|slot| draft(&owner, *slot, service_updates, mix)).collect();
    let environments = drafts.iter().filter_map(|draft| one_environment(catalogue, &owner, draft, &drafts, now, mix));
    FleetCustomer { environments: environments.collect(), customer: owner.record() }
}

impl Owner<'_> {
    fn record(&self) -> Customer {
        Customer {
            id: self.id,
            name: self.customer.name.clone(),
            domain: self.customer.domain.clone(),
            sector: self.customer.sector.clone(),
            regulated: self.customer.regulated,
            created_at: self.created_at,
        }
    }
}

/// One sandbox goes with station 1; in some cases production goes first in its station, too.
fn opt_in(slots: &mut [Slot], production_too: bool, mix: &mut Mix) {
    let standard = |names: &[&str]| {
        let fits = |slot: &Slot| names.contains(&slot.name) && slot.wish == Wish::Standard;
        (0..slots.len()).filter(|place| fits(&slots[*place])).collect::<Vec<_>>()
    };
    let (sandboxes, productions) = (standard(&["DEV", "TEST", "UAT"]), standard(&["PROD"]));
    let production = productions.first().filter(|_| production_too);
    for place in mix.pick(&sandboxes).into_iter().chain(production) {
        slots[*place].wish = Wish::Early;
    }
}

fn draft<'a>(owner: &Owner<'a>, slot: Slot, service_updates: ServiceUpdates, mix: &mut Mix) -> Draft<'a> {
    let created_at = owner.created_at + TimeDelta::minutes(mix.between(60, 150 * 24 * 60));
    let second = owner.customer.second_region.as_deref().filter(|_| slot.second);
    Draft {
        id: EnvironmentId::new(mix.uuid(created_at)),
        slot,
        service_update: service_updates.of(&slot, mix),
        region: second.unwrap_or(&owner.customer.region),
        created_at,
    }
}

/// `None` where the catalogue knows no build of its service update: nothing could be said to run there.
fn one_environment(
    catalogue: &Catalogue,
    owner: &Owner<'_>,
    draft: &Draft<'_>,
    estate: &[Draft<'_>],
    now: DateTime<Utc>,
    mix: &mut Mix,
) -> Option<FleetEnvironment> {
    let Slot { name, kind, tier, .. } = draft.slot;
    let is_production = kind == EnvironmentKind::Production;
    let drawn = is_production && !owner.is_fixed;
    let chosen_days = choices::weekdays(mix).filter(|_| drawn && !owner.customer.regulated);
    let batch_off = mix.percent(PRIORITY_BATCH_OFF_PERCENT) && drawn;
    let exemption =
        choices::exemption(owner.customer, owner.row, now, mix).filter(|_| is_production || name == "GXP-VAL");
    let follows = match draft.slot.wish {
        Wish::With(production) => estate.iter().find(|other| other.slot.name == production),
        Wish::Standard | Wish::Early => None,
    };
    let region = catalogue.region(draft.region);
    let stop = Stop {
        service_update: draft.service_update,
        stage: stage(catalogue, draft, follows).filter(|_| exemption.is_none()),
        dark_hours: region.and_then(|region| region.dark_hours),
        days: chosen_days.and_then(MaintenanceDays::chosen).unwrap_or(kind.default_days(tier)),
        may_stray: !owner.is_fixed,
    };
    let mut installed = builds::installed(catalogue, &stop, now, mix).into_iter();
    let current = installed.next()?;
    let environment = NewEnvironment {
        id: draft.id,
        customer: owner.id,
        name: name.to_owned(),
        kind,
        tier,
        region: draft.region.to_owned(),
        service_update: draft.service_update,
        build: current.build,
        platform: current.platform,
        build_since: current.since,
        designation: designation(draft.slot.wish, follows),
        chosen_days,
        priority_batch: !batch_off,
        exemption,
        created_at: draft.created_at,
    };
    Some(FleetEnvironment {
        environment,
        earlier: installed.filter(|before| before.since > draft.created_at).collect(),
    })
}

fn designation(wish: Wish, follows: Option<&Draft<'_>>) -> Designation {
    match (wish, follows) {
        (Wish::Early, _) => Designation::Early,
        (Wish::With(_), Some(production)) => Designation::WithProduction { production: production.id },
        (Wish::With(_) | Wish::Standard, _) => Designation::Standard,
    }
}

/// Where the trains so far have met it. `None` where its region has no station.
fn stage(catalogue: &Catalogue, draft: &Draft<'_>, follows: Option<&Draft<'_>>) -> Option<StageKey> {
    let station = |region: &str| catalogue.region(region).and_then(|region: &Region| region.station);
    let of = |station, audience| StageKey { station, audience };
    match (draft.slot.kind, draft.slot.wish, follows) {
        (EnvironmentKind::Production, ..) => station(draft.region).map(|at| of(at, Audience::Production)),
        (_, Wish::Early, _) => Some(of(StationNumber::OPT_IN, Audience::Sandbox)),
        (_, _, Some(production)) if !moves_with_sandboxes(draft.service_update, production.service_update) => {
            station(production.region).map(|at| of(at, Audience::Production))
        }
        _ => station(draft.region).map(|at| of(at, Audience::Sandbox)),
    }
}
