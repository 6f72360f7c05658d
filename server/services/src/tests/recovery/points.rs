//! From which data a redeployment starts: as they were before the bad update began, as long as that is kept.

use super::{BAD, OLD, build_of, halt, halted, newest, propose, recover, started, version, way, way_back};
use crate::CallerContext;
use crate::agent::{AgentOrder, Poll};
use crate::ports::OrderKind;
use crate::tests::{Stage, at, done};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{EnvironmentId, RolloutId, TokenId};
use domain::recovery::{Schema, Work};
use domain::rollout::UpdateState;
use domain::token::{Caller, TokenKind, TokenReach};
use store::rollout::Reach;
use store::token::NewToken;

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

pub(super) fn dev(stage: &Stage) -> EnvironmentId {
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
    stage.run_until("2026-10-24T12:00:00Z").await;
    assert_eq!(stage.deployer.started(), begun, "nothing was begun");
    assert_given_up(&stage, back.id).await;
}

async fn assert_given_up(stage: &Stage, back: RolloutId) {
    assert_eq!(build_of(stage, dev(stage)).await, BAD);
    let reader = stage.services.db().reader();
    let facts = store::rollout::load_facts(reader, back, Reach::Everyone).await.unwrap().unwrap().facts;
    let update = facts.environments[0].update.clone().unwrap();
    let said = format!("{:?}", (&update.state, &update.reasons));
    assert!(said.contains("its restore point is older than the 14 days for which points are kept"), "{said}");
}

/// DEV's agent, which has spoken.
pub(super) async fn agent(stage: &Stage) -> Caller {
    let caller = Caller {
        token: TokenId::new(stage.services.ids().uuid()),
        name: "DEV's agent".into(),
        kind: TokenKind::Agent,
        reach: TokenReach::Environments { environments: vec![dev(stage)] },
    };
    let (created_at, expires_at) = (stage.now(), stage.now() + TimeDelta::days(90));
    let tx = stage.services.db().begin().await.unwrap();
    let token = NewToken { caller: caller.clone(), hash: [8; 32], created_at, expires_at };
    store::token::insert(&tx, &token, None).await.unwrap();
    store::agent::spoke(&tx, dev(stage), caller.token, stage.now()).await.unwrap();
    tx.commit().await.unwrap();
    caller
}

pub(super) async fn order(stage: &Stage, agent: &Caller) -> Option<AgentOrder> {
    let ctx = CallerContext { caller: agent.clone(), now: stage.now() };
    match stage.services.agent_order(&ctx, None).await.unwrap().unwrap() {
        Poll::Order(order) => Some(order),
        Poll::Nothing { .. } => None,
    }
}

#[tokio::test]
async fn an_agent_is_told_which_way_it_goes_and_from_which_point() {
    let stage = halted(Schema::Irreversible).await;
    let agent = agent(&stage).await;
    recover(&stage, "redeploy_last_known_good").await;
    let point = restored_from(&stage).await;
    assert!(point.is_some());
    let end = at("2026-10-24T12:00:00Z");
    while stage.now() < end && order(&stage, &agent).await.is_none() {
        stage.clock.advance(TimeDelta::hours(1));
        stage.tick().await;
    }
    let order = order(&stage, &agent).await.unwrap();
    assert_eq!((order.build, order.kind), (version(OLD), OrderKind::Redeploy { restored_from: point }));
    assert_eq!(order.flights_off, Vec::<String>::new());
}

#[tokio::test]
async fn an_agent_is_given_no_order_whose_point_is_gone() {
    let stage = halted(Schema::Irreversible).await;
    let agent = agent(&stage).await;
    let (started_at, _) = begun_and_ended(&stage).await;
    stage.clock.set(started_at + TimeDelta::days(13));
    recover(&stage, "redeploy_last_known_good").await;
    let back = way_back(&stage).await;
    let end = at("2026-10-24T12:00:00Z");
    while stage.now() < end {
        stage.clock.advance(TimeDelta::hours(1));
        stage.tick().await;
        assert_eq!(order(&stage, &agent).await, None);
    }
    assert_given_up(&stage, back.id).await;
}
