//! Killed at any moment, opened again: it goes on, nothing is done twice, nothing is lost.

use crate::deployer::DoorDeployer;
use crate::world::{World, instant};
use chrono::TimeDelta;
use domain::ids::EnvironmentId;
use domain::rollout::{EnvironmentFacts, RolloutFacts, UpdateState};
use services::demo::DemoOptions;
use services::ports::{Clock, SystemClock};
use std::collections::BTreeSet;
use std::sync::Arc;

#[tokio::test]
async fn a_restarted_engine_makes_the_same_train() {
    let options = DemoOptions { failure_percent: 5, ..DemoOptions::default() };
    let steady = World::new(options).await;
    let mut shaken = World::new(options).await;
    for world in [&steady, &shaken] {
        world.start().await;
        world.approve([2]).await;
    }
    let end = instant("2026-10-01T12:00:00Z");
    steady.run_until(end).await;
    let mut next_kill = instant("2026-09-29T21:00:00Z");
    while next_kill < end {
        shaken.run_until(next_kill).await;
        shaken = shaken.killed_and_restarted().await;
        next_kill += TimeDelta::minutes(165);
    }
    shaken.run_until(end).await;
    assert_eq!(course(&steady.facts().await), course(&shaken.facts().await));
    assert!(steady.count(|state| matches!(state, UpdateState::Succeeded { .. })).await > 5);
}

/// What happened to each environment, and in how many attempts.
pub fn course(facts: &RolloutFacts) -> Vec<(EnvironmentId, Option<UpdateState>, Option<u8>)> {
    let of = |e: &EnvironmentFacts| {
        let update = e.update.as_ref();
        (e.id, update.map(|u| u.state.clone()), update.map(|u| u.attempts))
    };
    facts.environments.iter().map(of).collect()
}

#[tokio::test]
async fn a_kill_between_the_commit_of_a_start_and_its_dispatch_loses_nothing() {
    let options = DemoOptions { failure_percent: 20, ..DemoOptions::default() };
    let deployer = Arc::new(DoorDeployer::new(options.deployer()));
    let steady = World::new(options).await;
    let mut shaken = World::with(options, deployer.clone()).await;
    for world in [&steady, &shaken] {
        world.start().await;
        world.run_until(instant("2026-09-29T12:00:00Z")).await;
    }
    let end = instant("2026-10-01T12:00:00Z");
    let mut kills = 0;
    while shaken.now() < end {
        shaken.step();
        deployer.set_closed(true);
        let killed = tokio::select! {
            outcome = shaken.services.engine_tick("test") => outcome.map(|_| false).unwrap(),
            () = deployer.knocked.notified() => true,
        };
        deployer.set_closed(false);
        if killed {
            assert!(shaken.count(UpdateState::is_running).await > 0, "the start is committed");
            shaken = shaken.killed_and_restarted().await;
            kills += 1;
            shaken.tick().await;
        }
    }
    steady.run_until(end).await;
    assert!(kills > 3, "{kills}");

    let facts = shaken.facts().await;
    assert_eq!(course(&steady.facts().await), course(&facts));
    let updates = facts.environments.iter().filter_map(|e| e.update.as_ref());
    let attempts: BTreeSet<_> = updates.flat_map(|u| (1..=u.attempts).map(|attempt| (u.id, attempt))).collect();
    assert!(attempts.len() > 5, "{}", attempts.len());
    assert_eq!(deployer.begun(), attempts, "each attempt is begun, and nothing else");
    assert!(deployer.calls() >= attempts.len());
}

#[tokio::test]
async fn an_engine_that_ends_in_order_leaves_its_lease() {
    let world = World::new(DemoOptions::default()).await;
    world.tick().await;
    let claim = async || {
        let tx = world.services.db().begin().await.unwrap();
        let now = SystemClock.now();
        let held = store::lease::claim(&tx, "engine", "another server", now, TimeDelta::minutes(5)).await.unwrap();
        tx.commit().await.unwrap();
        held
    };
    assert_eq!(claim().await, None, "the engine holds it");
    world.services.engine_resign("test").await.unwrap();
    assert!(claim().await.is_some());
}

#[tokio::test]
async fn an_engine_without_the_lease_stands_by() {
    let world = World::new(DemoOptions::default()).await;
    world.start().await;
    let tx = world.services.db().begin().await.unwrap();
    let held =
        store::lease::claim(&tx, "engine", "another server", SystemClock.now(), TimeDelta::minutes(5)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(held.is_some());
    let outcome = world.services.engine_tick("test").await.unwrap();
    assert!(outcome.stood_by);
    assert_eq!(world.facts().await.environments.iter().filter(|e| e.update.is_some()).count(), 0);
}
