//! A whole train over the whole fleet, and what must hold at its end.

use crate::world::{World, instant};
use chrono::TimeDelta;
use domain::fleet::{Audience, EnvironmentKind};
use domain::rollout::{EnvironmentReason, RolloutFacts, RolloutState, UpdateState};
use services::demo::DemoOptions;
use std::collections::HashMap;

#[tokio::test]
async fn every_environment_ends_updated_skipped_or_held_with_its_reason() {
    let world = World::new(DemoOptions::default()).await;
    world.start().await;
    world.approve(2..=6).await;
    world.run_until(instant("2026-11-18T00:00:00Z")).await;
    let facts = world.facts().await;
    assert!(matches!(facts.state, RolloutState::Completed { .. }), "{:?} {:#?}", facts.state, failures(&facts));
    check_ends(&facts);
    check_gap(&facts);
    check_nights(&facts);
    check_books(&world, &facts).await;
}

fn failures(facts: &RolloutFacts) -> Vec<(&str, &UpdateState)> {
    let updates = facts.environments.iter().filter_map(|e| Some((e.name.as_str(), e.update.as_ref()?)));
    updates
        .filter(|(_, update)| update.unmended_failure().is_some())
        .map(|(name, update)| (name, &update.state))
        .collect()
}

fn check_ends(facts: &RolloutFacts) {
    let mut ends: HashMap<&str, u32> = HashMap::new();
    let mut gave_up = 0;
    for environment in &facts.environments {
        let update = environment.update.as_ref().unwrap();
        *ends.entry(update.state.word().key()).or_default() += 1;
        match &update.state {
            UpdateState::Succeeded { .. } => assert_eq!(environment.build, facts.build, "{}", environment.name),
            UpdateState::AlreadySatisfied { .. } => {
                assert_eq!(update.reasons, [EnvironmentReason::Satisfied { build: environment.build }]);
            }
            UpdateState::Skipped { reason, .. } | UpdateState::Held { reason, .. } => {
                assert_eq!(update.reasons, std::slice::from_ref(reason), "{} has one reason", environment.name);
                if let EnvironmentReason::AttemptsUsed { attempts, last } = reason {
                    assert_eq!((*attempts, update.attempts), (facts.policy.attempts_max, facts.policy.attempts_max));
                    assert!(!last.error.is_empty());
                    gave_up += 1;
                }
            }
            other => panic!("{} ends {other:?}", environment.name),
        }
    }
    let of = |word| ends.get(word).copied().unwrap_or(0);
    let all: u32 = ends.values().sum();
    assert!(all > 200, "{ends:?}");
    assert!(of("succeeded") * 100 > all * 80, "{ends:?}");
    assert!(of("skipped") > 0 && of("held") > 0 && of("already_satisfied") > 0, "{ends:?}");
    // Two failed nights: a hundredth of a hundredth.
    assert!(gave_up * 100 <= all, "{gave_up} of {all}");
}

/// G3 on what happened: production at least the gap after each own sandbox.
fn check_gap(facts: &RolloutFacts) {
    let gap = TimeDelta::days(facts.policy.min_gap_days.into());
    for production in facts.environments.iter().filter(|e| e.kind == EnvironmentKind::Production) {
        let Some(UpdateState::Succeeded { night, .. }) = production.update.as_ref().map(|u| &u.state) else { continue };
        for sandbox in facts
            .environments
            .iter()
            .filter(|e| e.customer == production.customer && e.kind == EnvironmentKind::Sandbox)
        {
            let update = sandbox.update.as_ref().unwrap();
            if update.stage.is_some_and(|stage| stage.audience == Audience::Sandbox)
                && let Some(own) = update.state.night()
            {
                assert!(own.start + gap <= night.start, "{} after {}", production.name, sandbox.name);
            }
        }
    }
}

/// G4 and I1 on what happened: within dark hours, on allowed days, with room for the declared time.
fn check_nights(facts: &RolloutFacts) {
    let declared = TimeDelta::minutes(facts.policy.declared_minutes.into());
    for environment in &facts.environments {
        let Some(UpdateState::Succeeded { night, started_at, finished_at }) =
            environment.update.as_ref().map(|u| &u.state)
        else {
            continue;
        };
        assert_eq!(environment.placement.dark_hours.unwrap().night(night.date), Some(*night));
        assert!(night.admits_start(*started_at, declared) && *finished_at <= night.end, "{}", environment.name);
        assert!(environment.days.allow(night.date), "{}", environment.name);
    }
}

/// The audit chain is whole, each delivery is written down once, and the counters equal a recount.
async fn check_books(world: &World, facts: &RolloutFacts) {
    let db = world.services.db();
    let verified = store::audit::verify(db.reader()).await.unwrap();
    assert_eq!(verified.first_broken, None);
    let mut delivered = 0;
    for environment in &facts.environments {
        let scope = domain::permission::TenantScope::AllCustomers;
        let history = store::environment::history(db.reader(), scope, environment.id).await.unwrap();
        let by_us = history.iter().filter(|entry| entry.rollout == Some(world.rollout)).count();
        let succeeded = matches!(environment.update.as_ref().unwrap().state, UpdateState::Succeeded { .. });
        assert_eq!(by_us, usize::from(succeeded), "{}", environment.name);
        delivered += by_us as u64;
    }
    let counted =
        store::deployment::counts(db.reader(), &store::deployment::DeploymentFilter::default()).await.unwrap();
    let on_build: u64 = counted.iter().filter(|count| count.build == facts.build).map(|count| count.environments).sum();
    let recount = facts.environments.iter().filter(|environment| environment.build == facts.build).count() as u64;
    assert_eq!(on_build, recount);
    assert!(delivered > 150);
}
