//! From which data a redeployment starts: as they were before the bad update began, as long as that is kept.

use super::{BAD, build_of, halt, halted, newest, propose, recover, started, version, way, way_back};
use crate::tests::{Stage, at, done};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::EnvironmentId;
use domain::recovery::{Schema, Work};
use domain::rollout::UpdateState;
use store::rollout::Reach;

const NO_POINT: &str = "No restore point from before the update was kept";

/// When the update of DEV in the halted rollout began, and when it had succeeded.
async fn begun_and_ended(stage: &Stage) -> (DateTime<Utc>, DateTime<Utc>) {
    let reader = stage.services.db().reader();
    let facts = store::rollout::load_facts(reader, stage.rollout, Reach::Everyone).await.unwrap().unwrap().facts;
    let found = facts.environments.into_iter().find(|one| one.id == dev(stage)).unwrap();
    match found.update.unwrap().state {
        UpdateState::Succeeded { started_at, finished_at, .. } => (started_at, finished_at),
        other => panic!("it has the build: {other:?}"),
    }
}

async fn restored_from(stage: &Stage) -> Option<DateTime<Utc>> {
    let id = newest(stage).await.id;
    let known = store::recovery::find(stage.services.db().reader(), id).await.unwrap().unwrap();
    let Work::MoveBack { moves } = known.plan.proposal.work else { panic!("{known:?}") };
    moves[0].restored_from
}

/// Its schema change was applied long before it was found healthy.
#[tokio::test]
async fn the_data_are_those_from_before_the_update_began() {
    let stage = halted(Schema::Irreversible).await;
    let (started_at, finished_at) = begun_and_ended(&stage).await;
    done(propose(&stage, "redeploy_last_known_good").await);
    let point = restored_from(&stage).await.unwrap();
    assert!(point <= started_at && started_at < finished_at, "{point}, {started_at}, {finished_at}");
}

fn dev(stage: &Stage) -> EnvironmentId {
    stage.environment_id(stage.contoso, "DEV")
}

/// What a first attempt changed before it failed is not known; its start is not kept.
#[tokio::test]
async fn a_second_attempt_leaves_no_point_from_before_the_first() {
    let stage = started(Schema::Irreversible).await;
    stage.deployer.fail(dev(&stage), 1, "disk full");
    stage.run_until("2026-10-02T12:00:00Z").await;
    halt(&stage).await;
    assert_eq!(build_of(&stage, dev(&stage)).await, BAD);
    let obstacles = way(&stage, "redeploy_last_known_good").await.obstacles;
    assert!(obstacles.iter().any(|one| one == NO_POINT), "{obstacles:?}");
}

/// What somebody brought by hand came from no update of ours.
#[tokio::test]
async fn what_no_update_brought_has_no_point() {
    let stage = started(Schema::Irreversible).await;
    stage.run_until("2026-09-25T12:00:00Z").await;
    let tx = stage.services.db().begin().await.unwrap();
    let by_hand = store::environment::Deployed {
        build: version(BAD),
        platform: None,
        service_update: None,
        at: stage.now(),
        rollout: None,
    };
    store::environment::set_build(&tx, dev(&stage), &by_hand).await.unwrap();
    tx.commit().await.unwrap();
    halt(&stage).await;
    let obstacles = way(&stage, "redeploy_last_known_good").await.obstacles;
    assert!(obstacles.iter().any(|one| one == NO_POINT), "{obstacles:?}");
}

/// This fleet keeps points for 14 days.
#[tokio::test]
async fn a_point_that_is_not_kept_any_more_is_not_offered() {
    let stage = halted(Schema::Irreversible).await;
    let (started_at, _) = begun_and_ended(&stage).await;
    stage.clock.set(started_at + TimeDelta::days(14));
    let offered = way(&stage, "redeploy_last_known_good").await;
    assert!(offered.obstacles.is_empty(), "{offered:?}");
    stage.clock.set(started_at + TimeDelta::days(14) + TimeDelta::seconds(1));
    let obstacles = way(&stage, "redeploy_last_known_good").await.obstacles;
    assert!(obstacles.iter().any(|one| one == NO_POINT), "{obstacles:?}");
}

/// Proposed in time, it waits for its night until the point is gone: nothing is begun from data that are not there.
#[tokio::test]
async fn an_order_whose_point_is_gone_is_refused_with_its_reason() {
    let stage = halted(Schema::Irreversible).await;
    let (started_at, _) = begun_and_ended(&stage).await;
    stage.clock.set(started_at + TimeDelta::days(13));
    let begun = stage.deployer.started();
    recover(&stage, "redeploy_last_known_good").await;
    let back = way_back(&stage).await;
    assert!(back.start > (started_at + TimeDelta::days(14)).date_naive(), "its first night comes too late");
    let end = at("2026-10-24T12:00:00Z");
    while stage.now() < end {
        stage.clock.advance(TimeDelta::hours(1));
        stage.tick().await;
    }
    assert_eq!(stage.deployer.started(), begun, "nothing was begun");
    assert_eq!(build_of(&stage, dev(&stage)).await, BAD);
    let reader = stage.services.db().reader();
    let facts = store::rollout::load_facts(reader, back.id, Reach::Everyone).await.unwrap().unwrap().facts;
    let update = facts.environments[0].update.clone().unwrap();
    let said = format!("{:?}", (&update.state, &update.reasons));
    assert!(said.contains("its restore point is older than the 14 days for which points are kept"), "{said}");
}
