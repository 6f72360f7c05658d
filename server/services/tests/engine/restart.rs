//! Killed at any moment, opened again: it goes on, nothing is done twice, nothing is lost.

use crate::world::{World, instant};
use chrono::TimeDelta;
use domain::rollout::UpdateState;
use services::demo::DemoOptions;
use services::ports::{Clock, SystemClock};

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
    let (a, b) = (steady.facts().await, shaken.facts().await);
    let course = |facts: &domain::rollout::RolloutFacts| -> Vec<(String, Option<UpdateState>, Option<u8>)> {
        let of = |e: &domain::rollout::EnvironmentFacts| {
            let update = e.update.as_ref();
            (e.id.to_string(), update.map(|u| u.state.clone()), update.map(|u| u.attempts))
        };
        facts.environments.iter().map(of).collect()
    };
    assert_eq!(course(&a), course(&b));
    assert!(steady.count(|state| matches!(state, UpdateState::Succeeded { .. })).await > 5);
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
