//! The fleet that every demo begins with: what the rest of the system relies on.

use super::*;
use crate::catalogue::{self, demo};
use crate::demo::DEMO_START;
use domain::release::BuildVersion;
use std::collections::{HashMap, HashSet};

const SEED: u64 = 48;

fn catalogue() -> Catalogue {
    catalogue::shipped().unwrap()
}

fn made(seed: u64) -> Vec<FleetCustomer> {
    fleet(seed, &catalogue(), &demo::shipped_customers().unwrap(), DEMO_START)
}

fn all(fleet: &[FleetCustomer]) -> Vec<&NewEnvironment> {
    fleet.iter().flat_map(|customer| &customer.environments).map(|made| &made.environment).collect()
}

fn number(text: &str) -> ServiceUpdate {
    text.parse().unwrap()
}

fn build(text: &str) -> BuildVersion {
    text.parse().unwrap()
}

/// So many of a thousand.
fn permille(part: usize, whole: usize) -> usize {
    part * 1000 / whole
}

#[test]
fn the_same_seed_gives_the_same_fleet() {
    assert_eq!(made(SEED), made(SEED));
    assert_ne!(made(SEED), made(SEED + 1));
}

#[test]
fn ids_and_names_are_unique() {
    let fleet = made(SEED);
    assert_eq!(fleet.len(), 200);
    let customers: HashSet<_> = fleet.iter().map(|made| made.customer.id).collect();
    assert_eq!(customers.len(), fleet.len());
    let environments = all(&fleet);
    assert_eq!(environments.len(), 1_200);
    assert_eq!(environments.iter().map(|e| e.id).collect::<HashSet<_>>().len(), 1_200);
    assert_eq!(environments.iter().map(|e| (e.customer, e.name.to_lowercase())).collect::<HashSet<_>>().len(), 1_200);
    assert!(fleet.iter().all(|made| made.environments.iter().all(|e| e.environment.customer == made.customer.id)));
}

#[test]
fn a_designated_sandbox_follows_its_own_production_and_another_stays_in_front() {
    for seed in 0..20 {
        for customer in made(seed) {
            let estate: Vec<_> = customer.environments.iter().map(|made| &made.environment).collect();
            for sandbox in &estate {
                let Designation::WithProduction { production } = sandbox.designation else { continue };
                assert_eq!(sandbox.kind, EnvironmentKind::Sandbox);
                let followed = estate.iter().find(|other| other.id == production).unwrap();
                assert_eq!(followed.kind, EnvironmentKind::Production);
                assert!(estate.iter().any(|other| {
                    other.kind == EnvironmentKind::Sandbox
                        && !matches!(other.designation, Designation::WithProduction { .. })
                }));
            }
        }
    }
}

#[test]
fn every_region_of_every_station_runs_10_0_48() {
    for seed in [SEED, 1, 2, 3] {
        let fleet = made(seed);
        let there: HashSet<&str> =
            all(&fleet).iter().filter(|e| e.service_update == number("10.0.48")).map(|e| e.region.as_str()).collect();
        let catalogue = catalogue();
        let visited: Vec<_> = catalogue.regions.iter().filter(|region| region.station.is_some()).collect();
        assert_eq!(visited.len(), 30, "27 regions and the three clouds of station 6");
        for region in visited {
            assert!(there.contains(region.slug.as_str()), "{} under seed {seed}", region.slug);
        }
    }
}

#[test]
fn shares_are_plausible() {
    for seed in [SEED, 1, 2, 3] {
        let fleet = made(seed);
        let environments = all(&fleet);
        let share = |of: &dyn Fn(&NewEnvironment) -> bool| {
            permille(environments.iter().filter(|e| of(e)).count(), environments.len())
        };
        let on_48 = |e: &NewEnvironment| e.service_update == number("10.0.48");
        let early = |e: &NewEnvironment| e.designation == Designation::Early;
        let shares = [
            ("10.0.48", share(&on_48), 550..=680),
            ("early", share(&early), 20..=45),
            ("with production", share(&|e| matches!(e.designation, Designation::WithProduction { .. })), 75..=125),
            ("production", share(&|e| e.kind == EnvironmentKind::Production), 190..=220),
            ("trial", share(&|e| e.kind == EnvironmentKind::Trial), 15..=60),
            ("premium sandbox", share(&|e| e.tier >= 4), 30..=70),
            ("batch off", share(&|e| !e.priority_batch), 2..=15),
            ("chosen weekdays", share(&|e| e.chosen_days.is_some()), 2..=15),
            ("exempt", share(&|e| e.exemption.is_some()), 8..=20),
        ];
        for (what, found, expected) in shares {
            assert!(expected.contains(&found), "{what} under seed {seed}: {found} of a thousand");
        }
        let station_1 = environments.iter().filter(|e| on_48(e) && early(e) && e.kind == EnvironmentKind::Sandbox);
        assert!(station_1.count() >= 20, "station 1 under seed {seed}");
        assert!(environments.iter().all(|e| e.priority_batch || e.kind == EnvironmentKind::Production));
    }
}

#[test]
fn regulated_customers_alone_hold_exemptions_and_one_has_expired() {
    let fleet = made(SEED);
    for made in &fleet {
        for e in made.environments.iter().map(|e| &e.environment) {
            assert!(e.exemption.is_none() || made.customer.regulated, "{}", made.customer.name);
            assert!(!made.customer.regulated || e.kind != EnvironmentKind::Production || e.exemption.is_some());
        }
    }
    let environments = all(&fleet);
    let exemptions: Vec<_> = environments.iter().filter_map(|e| e.exemption.as_ref()).collect();
    assert!(exemptions.iter().any(|exemption| !exemption.holds_at(DEMO_START)));
    assert!(exemptions.iter().filter(|exemption| exemption.holds_at(DEMO_START)).count() > 5);
}

#[test]
fn builds_are_those_that_the_trains_have_brought() {
    let fleet = made(SEED);
    let environments = all(&fleet);
    let mut on_48: HashMap<BuildVersion, usize> = HashMap::new();
    for e in environments.iter().filter(|e| e.service_update == number("10.0.48")) {
        *on_48.entry(e.build).or_default() += 1;
    }
    let count = |text: &str| on_48.get(&build(text)).copied().unwrap_or(0);
    assert!(count("10.0.2645.124") > count("10.0.2645.111"));
    assert!(count("10.0.2645.111") > count("10.0.2645.99"));
    assert!(count("10.0.2645.136") > 50);
    assert!((2..=20).contains(&count("10.0.2645.147")), "pulled early: {}", count("10.0.2645.147"));
    let known: HashSet<_> = catalogue().trains.iter().filter_map(|train| train.app_build).collect();
    for e in environments {
        assert!(known.contains(&e.build) || e.build == PREVIEW.1, "{}", e.build);
        assert!(e.created_at < e.build_since && e.build_since <= DEMO_START, "{} {}", e.name, e.build_since);
    }
}

#[test]
fn what_ran_before_is_older_in_build_and_time() {
    let fleet = made(SEED);
    let mut seen = 0;
    for made in fleet.iter().flat_map(|customer| &customer.environments) {
        let mut after = (made.environment.build, made.environment.build_since);
        for before in &made.earlier {
            assert!(before.build < after.0 && before.since < after.1, "{}", made.environment.id);
            assert!(before.since > made.environment.created_at);
            after = (before.build, before.since);
            seen += 1;
        }
    }
    assert!(seen > 1_000);
}

#[test]
fn some_sandboxes_are_ahead_of_their_production_and_some_regions_are_not_on_the_map() {
    let fleet = made(SEED);
    let ahead = |made: &FleetCustomer| {
        let on = |kind| made.environments.iter().map(|e| &e.environment).filter(move |e| e.kind == kind);
        let production = on(EnvironmentKind::Production).map(|e| e.service_update).max();
        on(EnvironmentKind::Sandbox).map(|e| e.service_update).max() > production
    };
    assert!((15..60).contains(&fleet.iter().filter(|made| ahead(made)).count()));
    let catalogue = catalogue();
    let unmapped =
        all(&fleet).iter().filter(|e| catalogue.region(&e.region).is_none_or(|r| r.station.is_none())).count();
    assert!((10..60).contains(&unmapped), "{unmapped}");
}

/// Walks and pages name these.
#[test]
fn contoso_and_fabrikam_are_as_documented() {
    let fleet = made(SEED);
    let contoso: Vec<_> = fleet[0].environments.iter().map(|made| &made.environment).collect();
    let production = contoso[0].id;
    let seen: Vec<_> =
        contoso.iter().map(|e| (e.name.as_str(), e.kind, e.tier, e.region.as_str(), e.designation)).collect();
    let sandbox = EnvironmentKind::Sandbox;
    let expected = [
        ("PROD", EnvironmentKind::Production, 0, "north-europe", Designation::Standard),
        ("UAT", sandbox, 2, "north-europe", Designation::Standard),
        ("DEV", sandbox, 2, "north-europe", Designation::Standard),
        ("TEST", sandbox, 3, "north-europe", Designation::Standard),
        ("GOLD", sandbox, 2, "north-europe", Designation::WithProduction { production }),
        ("PERF", sandbox, 4, "west-europe", Designation::Early),
    ];
    assert_eq!(seen, expected);
    let fabrikam: Vec<_> = fleet[1].environments.iter().map(|made| &made.environment).collect();
    assert!(fabrikam.iter().all(|e| e.region == "east-us"));
    assert!(["PROD", "UAT", "DEV"].iter().all(|name| fabrikam.iter().any(|e| e.name == *name)));
    for e in contoso.into_iter().chain(fabrikam) {
        assert_eq!(e.service_update, number("10.0.48"));
        assert!(e.priority_batch && e.exemption.is_none() && e.chosen_days.is_none());
        assert!(e.build < build("10.0.2645.147"));
    }
}
