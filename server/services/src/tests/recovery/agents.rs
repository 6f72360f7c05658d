//! Where agents alone update environments: which ways are open is what the operator says that they can.

use super::points::{agent, dev, order};
use super::{FLIGHT, OLD, halted, propose, recover, refused, still_halted, version, way};
use crate::ports::{Agents, OrderKind, OsIds, SystemClock};
use crate::tests::{Stage, at, done};
use crate::{CallerContext, FlightForm, Limits, Services, ServicesParts};
use chrono::TimeDelta;
use domain::permission::Role;
use domain::recovery::{Capabilities, Schema};
use domain::token::Caller;
use domain::wire::flight::FlightsParams;
use domain::wire::problem::FormProblem;
use std::sync::Arc;

const EVERYTHING: Agents =
    Agents { capabilities: Capabilities { set_flight: true, roll_back: true, redeploy: true }, restore_days: Some(14) };

/// The same fleet after a restart of the server: nobody is asked any more, agents come.
fn served_by(agents: Agents, mut stage: Stage) -> Stage {
    stage.world.services = Services::new(ServicesParts {
        db: stage.services.db().clone(),
        clock: stage.clock.clone(),
        machine: Arc::new(SystemClock),
        ids: Arc::new(OsIds::new(stage.clock.clone())),
        deployer: Arc::new(agents),
        demo: None,
        limits: Limits { password_checks: 2, live_backlog: 64 },
    });
    stage
}

async fn closed_by(stage: &Stage, path: &str) -> Vec<String> {
    way(stage, path).await.obstacles
}

#[tokio::test]
async fn of_whom_nothing_is_said_nothing_is_expected() {
    let stage = served_by(Agents::default(), halted(Schema::Reversible).await);
    for (path, can, flag) in [
        ("fall_back_by_flight", "set flights", "flights"),
        ("roll_back", "roll back", "roll-back"),
        ("redeploy_last_known_good", "redeploy", "redeploy"),
    ] {
        let said = format!(
            "The agents of this fleet are not known to {can}. Where they can, the operator starts the server with \
             --agents-can {flag}"
        );
        assert_eq!(closed_by(&stage, path).await, [said]);
        assert_eq!(refused(propose(&stage, path).await), FormProblem::RecoveryClosed);
    }
}

#[tokio::test]
async fn what_the_operator_says_that_they_can_is_open() {
    let stage = served_by(EVERYTHING, halted(Schema::Reversible).await);
    for path in ["fall_back_by_flight", "roll_back", "redeploy_last_known_good"] {
        assert_eq!(closed_by(&stage, path).await, Vec::<String>::new(), "{path}");
    }
    let capabilities = Capabilities { roll_back: true, ..Capabilities::default() };
    let stage = served_by(Agents { capabilities, ..EVERYTHING }, stage);
    for (path, is_open) in [("fall_back_by_flight", false), ("roll_back", true), ("redeploy_last_known_good", false)] {
        assert_eq!(closed_by(&stage, path).await.is_empty(), is_open, "{path}");
    }
}

#[tokio::test]
async fn data_of_before_are_counted_on_only_where_it_is_said_how_long_they_are_kept() {
    let stage = served_by(EVERYTHING, halted(Schema::Irreversible).await);
    let offered = way(&stage, "redeploy_last_known_good").await;
    assert!(offered.obstacles.is_empty() && offered.reach.contains("starts from a restore point"), "{offered:?}");
    let stage = served_by(Agents { restore_days: None, ..EVERYTHING }, stage);
    let obstacles = closed_by(&stage, "redeploy_last_known_good").await;
    assert!(obstacles.iter().any(|one| one.ends_with("starts the server with --restore-days")), "{obstacles:?}");
}

#[tokio::test]
async fn an_agent_takes_its_environment_back_without_any_deployer() {
    let stage = served_by(EVERYTHING, halted(Schema::Reversible).await);
    let agent = agent(&stage).await;
    recover(&stage, "roll_back").await;
    let end = at("2026-10-24T12:00:00Z");
    while stage.now() < end && order(&stage, &agent).await.is_none() {
        stage.clock.advance(TimeDelta::hours(1));
        stage.tick().await;
    }
    let order = order(&stage, &agent).await.unwrap();
    assert_eq!((order.build, order.kind), (version(OLD), OrderKind::Back));
}

async fn off(stage: &Stage, caller: &Caller) -> Vec<String> {
    let ctx = CallerContext { caller: caller.clone(), now: stage.now() };
    stage.services.agent_flights(&ctx, dev(stage)).await.unwrap().unwrap()
}

async fn untold(stage: &Stage) -> usize {
    store::flight::untold(stage.services.db().reader()).await.unwrap().len()
}

#[tokio::test]
async fn a_fallback_is_there_to_be_fetched_at_once() {
    let stage = served_by(EVERYTHING, halted(Schema::Irreversible).await);
    let agent = agent(&stage).await;
    assert_eq!(off(&stage, &agent).await, Vec::<String>::new());
    recover(&stage, "fall_back_by_flight").await;
    assert_eq!(off(&stage, &agent).await, [FLIGHT], "before anybody ticks");
    assert_eq!(order(&stage, &agent).await, None, "and without an order");
    stage.tick().await;
    assert_eq!(untold(&stage).await, 0);
    still_halted(&stage).await;
}

#[tokio::test]
async fn nobody_is_told_where_nobody_sets_flights() {
    let stage = served_by(Agents::default(), halted(Schema::Irreversible).await);
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    let list = async |stage: &Stage| stage.services.list_flights(&manager, &FlightsParams::default()).await.unwrap();
    let view = list(&stage).await;
    assert!(view.learnt.starts_with("Only update orders say how flights stand. The agents of this fleet"), "{view:?}");
    let form = FlightForm { on: false, customer: String::new(), reason: "posting fails".into() };
    let said = done(stage.services.turn_flight(&manager, view.rows[0].id, &form).await.unwrap());
    assert_eq!(said, format!("{FLIGHT} is turned off. {}", view.learnt));
    stage.tick().await;
    assert_eq!(untold(&stage).await, 1);
    let stage = served_by(EVERYTHING, stage);
    assert_eq!(list(&stage).await.learnt, "Agents learn how flights stand when they next ask.");
    stage.tick().await;
    assert_eq!(untold(&stage).await, 0, "what was turned meanwhile is theirs to fetch");
}
