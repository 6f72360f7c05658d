//! Halts: by the gate, by a person; and what may and may not follow.

use crate::world::{World, assert_done, assert_refused, instant};
use domain::notification::{NotificationEvent, NotificationPayload};
use domain::rollout::{EnvironmentFacts, HaltCause, MoveReason, Moved, RolloutFacts, RolloutState, UpdateState};
use domain::wire::notification::NotificationKind;
use domain::wire::problem::FormProblem;
use services::demo::DemoOptions;

#[tokio::test]
async fn a_regression_halts_the_rollout_and_its_build_and_nothing_starts_after() {
    let world = World::new(DemoOptions { failure_percent: 60, ..DemoOptions::default() }).await;
    world.start().await;
    world.approve(2..=6).await;
    world.run_until(instant("2026-10-03T12:00:00Z")).await;
    let facts = world.facts().await;
    let RolloutState::Halted { cause: HaltCause::Gate { gate, .. }, .. } = &facts.state else {
        panic!("{:?}", facts.state)
    };
    assert!(gate.failed >= 3);
    assert!(facts.build_halted.is_some());
    // Running ones finish, then the number of attempts stands still.
    world.run_until(instant("2026-10-04T00:00:00Z")).await;
    let attempts = |facts: &RolloutFacts| -> u32 {
        facts.environments.iter().filter_map(|e| e.update.as_ref()).map(|u| u32::from(u.attempts)).sum()
    };
    let before = attempts(&world.facts().await);
    assert_eq!(world.count(UpdateState::is_running).await, 0);
    world.run_until(instant("2026-10-08T00:00:00Z")).await;
    assert_eq!(attempts(&world.facts().await), before);
    let other = world.services.start_rollout(&world.release_manager(), world.rollout).await.unwrap();
    assert_refused(&other, FormProblem::BuildHalted);
    assert_eq!(forgotten(&world, &facts).await, Vec::<&str>::new());
}

/// Whoever has a night to come is looked at some day, whatever stood in between.
async fn forgotten<'a>(world: &World, facts: &'a RolloutFacts) -> Vec<&'a str> {
    let db = world.services.db().reader();
    let seen = store::estate::due(db, world.rollout, instant("2100-01-01T00:00:00Z"), 10_000).await.unwrap();
    let waits = |environment: &&EnvironmentFacts| {
        let update = environment.update.as_ref();
        update.is_some_and(|update| matches!(update.state, UpdateState::Planned | UpdateState::Announced { .. }))
    };
    let forgotten = |environment: &&EnvironmentFacts| seen.iter().all(|seen| seen.customer != environment.customer);
    facts.environments.iter().filter(waits).filter(forgotten).map(|environment| environment.name.as_str()).collect()
}

#[tokio::test]
async fn people_halt_and_resume_with_a_reason() {
    let world = World::new(DemoOptions::default()).await;
    let (manager, approver) = (world.release_manager(), world.approver());
    let services = &world.services;
    assert_refused(&services.halt_rollout(&manager, world.rollout, "x").await.unwrap(), FormProblem::RolloutNotRunning);
    assert_refused(
        &services.approve_promotion(&approver, world.rollout, 2).await.unwrap(),
        FormProblem::RolloutNotRunning,
    );
    world.start().await;
    assert_refused(&services.start_rollout(&manager, world.rollout).await.unwrap(), FormProblem::RolloutNotStartable);
    assert_refused(
        &services.approve_promotion(&manager, world.rollout, 2).await.unwrap(),
        FormProblem::ApproverIsStarter,
    );
    assert_refused(
        &services.approve_promotion(&approver, world.rollout, 1).await.unwrap(),
        FormProblem::StationNeedsNoApproval,
    );
    assert_refused(
        &services.approve_promotion(&approver, world.rollout, 9).await.unwrap(),
        FormProblem::StationNeedsNoApproval,
    );
    world.approve([2]).await;
    assert_refused(
        &services.approve_promotion(&approver, world.rollout, 2).await.unwrap(),
        FormProblem::AlreadyApproved,
    );
    assert_refused(&services.halt_rollout(&approver, world.rollout, "  ").await.unwrap(), FormProblem::ReasonMissing);
    let long = "x".repeat(501);
    assert_refused(&services.halt_rollout(&approver, world.rollout, &long).await.unwrap(), FormProblem::ReasonTooLong);
    world.run_until(instant("2026-09-29T22:15:00Z")).await;
    assert!(world.count(UpdateState::is_running).await > 0);
    assert_done(&services.halt_rollout(&approver, world.rollout, "totals are wrong").await.unwrap());
    let started = world.count(|state| matches!(state, UpdateState::Announced { .. } | UpdateState::Planned)).await;
    world.run_until(instant("2026-09-30T12:00:00Z")).await;
    let waiting = world.count(|state| matches!(state, UpdateState::Announced { .. } | UpdateState::Planned)).await;
    assert_eq!(waiting, started, "nothing starts and nothing is lost");
    assert_eq!(world.count(UpdateState::is_running).await, 0, "running ones finished");
    assert_refused(&services.resume_rollout(&manager, world.rollout, "").await.unwrap(), FormProblem::ReasonMissing);
    let manager = world.release_manager();
    assert_done(&services.resume_rollout(&manager, world.rollout, "it was the report, not the build").await.unwrap());
    let begun = world.count(|state| state.night().is_some() && !matches!(state, UpdateState::Announced { .. })).await;
    world.step();
    world.tick().await;
    let facts = world.facts().await;
    assert!(matches!(facts.state, RolloutState::Running { resumed_at: Some(_), .. }));
    // Nights that passed meanwhile are moved, and their owners are told why.
    let mut moved = 0;
    for environment in &facts.environments {
        let Some(UpdateState::Announced { night, moved: Some(why), .. }) =
            environment.update.as_ref().map(|u| &u.state)
        else {
            continue;
        };
        assert_eq!(why.reason, MoveReason::RolloutHalted, "{}", environment.name);
        assert!(*night > why.from && told_of_the_move(&world, environment, why).await, "{}", environment.name);
        moved += 1;
    }
    assert!(moved > 0);
    world.run_until(instant("2026-10-01T12:00:00Z")).await;
    let since = world.count(|state| state.night().is_some() && !matches!(state, UpdateState::Announced { .. })).await;
    assert!(since > begun, "updates start again: {begun} before, {since} now");
}

async fn told_of_the_move(world: &World, environment: &EnvironmentFacts, why: &Moved) -> bool {
    let kinds = [NotificationKind::Moved];
    let db = world.services.db().reader();
    let reader = world.release_manager().actor.user;
    let letters = store::notification::list(db, environment.customer, reader, &kinds, None, 100).await.unwrap();
    letters.rows.iter().any(|letter| {
        let payload: NotificationPayload = serde_json::from_value(letter.payload.clone()).unwrap();
        letter.environment == Some(environment.id)
            && matches!(payload.event, NotificationEvent::Moved { from, reason: MoveReason::RolloutHalted, .. }
                if from == why.from)
    })
}
