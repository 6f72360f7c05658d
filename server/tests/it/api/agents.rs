//! Orders and reports: twice, late and in reverse order; halts between; what runs that nobody ordered.

use super::{Api, problem, read};
use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use domain::calendar::Night;
use domain::ids::UserId;
use domain::people::Person;
use domain::permission::Role;
use domain::pull_ahead::Booked;
use domain::rollout::{EnvironmentReason, UpdateState};
use domain::wire::notification::{NotificationKind, NotificationsParams};
use serde_json::{Value, json};
use store::rollout::Reach;
use uuid::Uuid;

const NEW: &str = "10.0.2645.147";

/// DEV's agent has spoken, and DEV has an order.
async fn ordered() -> (Api, String, String) {
    let mut api = Api::new().await;
    let token = api.agent(api.dev()).await;
    let nothing = api.order(&token).await;
    assert_eq!((nothing.status, nothing.body.as_str()), (StatusCode::NO_CONTENT, ""));
    assert!((20..=40).contains(&nothing.header("retry-after").parse::<u64>().unwrap()));
    api.start().await;
    api.run_until_ordered(api.dev()).await;
    let order = read(&api.order(&token).await);
    assert_eq!((&order["build"], &order["attempt"], &order["begun_at"]), (&json!(NEW), &json!(1), &Value::Null));
    let way = (&order["way"], &order["restored_from"], &order["flights_off"]);
    assert_eq!(way, (&json!("forward"), &Value::Null, &json!([])));
    let id = order["order"].as_str().unwrap().to_owned();
    (api, token, id)
}

pub async fn begun() -> (Api, String, String) {
    let (mut api, token, order) = ordered().await;
    assert_eq!(api.begin(&token, &order, 1).await.status, StatusCode::OK);
    (api, token, order)
}

pub fn said(order: &str, sequence: u64, at: DateTime<Utc>, state: &Value) -> Value {
    let mut body = json!({
        "report_id": Uuid::from_u128(sequence.into()), "order": order, "attempt": 1, "sequence": sequence, "at": at
    });
    body.as_object_mut().unwrap().extend(state.as_object().unwrap().clone());
    body
}

/// Begun, applied and healthy, ten minutes apart from now on.
fn course(api: &Api, order: &str) -> Vec<Value> {
    let states = ["begun", "applied", "healthy"];
    let dated = |(n, state): (u64, &str)| {
        said(order, n, api.world.now() + TimeDelta::minutes(10 * i64::try_from(n).unwrap()), &json!({ "state": state }))
    };
    (1..).zip(states).map(dated).collect()
}

pub async fn deliver(api: &mut Api, token: &str, reports: &[Value]) -> Vec<String> {
    let mut outcomes = Vec::new();
    for report in reports {
        let answer = api.report(token, report).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let answer = read(&answer);
        let known = if answer["known"] == json!(true) { " again" } else { "" };
        outcomes.push(format!("{}{known}", answer["outcome"].as_str().unwrap()));
    }
    outcomes
}

#[tokio::test]
async fn an_order_is_taken_once_and_told_twice() {
    let (mut api, token, order) = ordered().await;
    assert_eq!(api.world.deployer.started(), 0, "an environment whose agent speaks is not asked through the deployer");
    let first = api.begin(&token, &order, 1).await;
    let again = api.begin(&token, &order, 1).await;
    assert_eq!((first.status, read(&first)), (StatusCode::OK, read(&again)));
    let begun = read(&first);
    assert_eq!(begun["valid_for_seconds"], json!(3));
    assert_eq!(problem(&api.begin(&token, &order, 2).await), (StatusCode::CONFLICT, "another-attempt".into()));
    assert_eq!(read(&api.order(&token).await)["begun_at"], begun["begun_at"], "an agent that forgot learns it again");
    assert_eq!(api.update(api.dev()).await.dispatched_at, Some(api.world.now()));
}

/// An agent comes in its own time: what waits for it does not run.
#[tokio::test]
async fn an_update_runs_from_the_taking_of_its_order() {
    let (mut api, token, order) = ordered().await;
    let why = async |api: &mut Api| {
        let path = format!("/api/v1/environments/{}/why", api.dev());
        let answer = read(&api.ask(Method::GET, &path, Some(&token), None).await);
        let why = answer["why"].as_array().unwrap().iter().map(|why| why["text"].as_str().unwrap().to_owned());
        why.collect::<Vec<_>>().join(" · ")
    };
    let waits = why(&mut api).await;
    assert!(waits.contains("Its order is ready since ") && !waits.contains("runs since"), "{waits}");
    api.world.clock.advance(TimeDelta::minutes(40));
    assert_eq!(api.begin(&token, &order, 1).await.status, StatusCode::OK);
    let taken_at = api.world.now();
    let runs = why(&mut api).await;
    assert!(runs.contains("Its update runs since ") && !runs.contains("Its order is ready"), "{runs}");
    let begun = api.update(api.dev()).await;
    assert!(matches!(begun.state, UpdateState::InProgress { started_at, .. } if started_at == taken_at), "{begun:?}");
    // Taken again, it runs since the first time.
    api.world.clock.advance(TimeDelta::minutes(1));
    assert_eq!(api.begin(&token, &order, 1).await.status, StatusCode::OK);
    assert_eq!(api.update(api.dev()).await.state, begun.state);
}

#[tokio::test]
async fn an_order_that_is_known_is_not_sent_again() {
    let (mut api, token, _) = ordered().await;
    let tag = api.order(&token).await.header("etag").to_owned();
    api.browser.headers.insert("if-none-match", tag.parse().unwrap());
    let known = api.order(&token).await;
    assert_eq!((known.status, known.body.as_str(), known.header("etag")), (StatusCode::NOT_MODIFIED, "", tag.as_str()));
    api.browser.headers.insert("if-none-match", "\"another\"".parse().unwrap());
    assert_eq!(api.order(&token).await.status, StatusCode::OK);
}

/// Invariant I5.
#[tokio::test]
async fn after_a_halt_no_order_is_given_and_none_is_taken() {
    let (mut api, token, order) = ordered().await;
    api.halt().await;
    assert_eq!(api.order(&token).await.status, StatusCode::NO_CONTENT);
    let refused = api.begin(&token, &order, 1).await;
    assert_eq!(problem(&refused), (StatusCode::CONFLICT, "not-now".into()));
    assert!(refused.body.contains("The rollout is halted"), "{refused:?}");
    let update = api.update(api.dev()).await;
    assert!(matches!(update.state, UpdateState::Announced { moved: None, .. }), "{:?}", update.state);
    assert_eq!((update.attempts, update.reasons.last()), (0, Some(&EnvironmentReason::RolloutHalted)));
    assert_eq!(problem(&api.begin(&token, &order, 1).await).1, "not-open");
}

#[tokio::test]
async fn a_halt_after_the_taking_finds_a_running_update_and_offers_it_to_nobody() {
    let (mut api, token, order) = begun().await;
    let told = course(&api, &order);
    api.halt().await;
    assert_eq!(api.order(&token).await.status, StatusCode::NO_CONTENT);
    assert_eq!(problem(&api.begin(&token, &order, 1).await).1, "not-now");
    assert!(matches!(api.update(api.dev()).await.state, UpdateState::InProgress { .. }), "it finishes and is watched");
    api.world.clock.advance(TimeDelta::hours(1));
    deliver(&mut api, &token, &told).await;
    assert!(matches!(api.update(api.dev()).await.state, UpdateState::Succeeded { .. }));
}

#[tokio::test]
async fn reports_twice_late_and_in_reverse_order_end_the_same() {
    let mut ends = Vec::new();
    for order_of in [vec![0, 1, 2], vec![2, 1, 0], vec![2, 2, 0, 1, 0, 2], vec![1, 0, 1, 2, 1]] {
        let (mut api, token, order) = begun().await;
        let reports = course(&api, &order);
        // Late: hours after it was so.
        api.world.clock.advance(TimeDelta::hours(2));
        let told: Vec<Value> = order_of.iter().map(|index: &usize| reports[*index].clone()).collect();
        let outcomes = deliver(&mut api, &token, &told).await;
        let environment = api.environment(api.dev()).await;
        ends.push((api.update(api.dev()).await.state, environment.build, environment.build_since));
        if order_of[..2] == [2, 2] {
            assert_eq!(outcomes, ["accepted", "accepted again", "late", "late", "late again", "accepted again"]);
        }
    }
    assert!(matches!(ends[0].0, UpdateState::Succeeded { .. }), "{ends:?}");
    assert_eq!(ends[0].1.to_string(), NEW);
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:#?}");
}

/// Its agent found it healthy, and rolled it back by itself: nobody else can know. Also where the rollout was halted meanwhile.
#[tokio::test]
async fn of_two_endings_the_later_one_holds_in_whatever_order_they_come() {
    for halted in [false, true] {
        let mut ends = Vec::new();
        for order_of in [[0, 1], [1, 0]] {
            let (mut api, token, order) = begun().await;
            let healthy = course(&api, &order).pop().unwrap();
            api.world.clock.advance(TimeDelta::hours(2));
            let back = json!({ "state": "failed", "reason": "Rolled back", "running": "10.0.2645.136" });
            let told = [healthy, said(&order, 90, api.world.now(), &back)];
            if halted {
                api.halt().await;
            }
            let outcomes = deliver(&mut api, &token, &order_of.map(|index: usize| told[index].clone())).await;
            assert_eq!(outcomes, if order_of == [0, 1] { ["accepted", "accepted"] } else { ["accepted", "late"] });
            let environment = api.environment(api.dev()).await;
            let update = api.update(api.dev()).await;
            assert!(update.last_failed_at.is_some(), "evidence for the gate");
            ends.push((update.state, environment.build.to_string()));
        }
        assert!(matches!(ends[0].0, UpdateState::Failed { .. }), "{ends:?}");
        assert_eq!(ends[0].1, "10.0.2645.136");
        assert_eq!(ends[0], ends[1]);
    }
}

#[tokio::test]
async fn a_failure_of_the_first_attempt_that_comes_in_the_second_changes_nothing() {
    let (mut api, token, order) = begun().await;
    let failure =
        said(&order, 9, api.world.now(), &json!({ "state": "failed", "reason": "Disk full", "detail": "1 GB" }));
    // Nothing is heard for six hours: the engine gives the attempt up, and another night follows.
    api.world.clock.advance(TimeDelta::hours(7));
    api.tick().await;
    assert!(matches!(api.update(api.dev()).await.state, UpdateState::Announced { .. } | UpdateState::Failed { .. }));
    api.run_until_ordered(api.dev()).await;
    let second = read(&api.order(&token).await);
    assert_eq!((&second["order"], &second["attempt"]), (&json!(order), &json!(2)));
    assert_eq!(problem(&api.begin(&token, &order, 1).await).1, "another-attempt");
    assert_eq!(api.begin(&token, &order, 2).await.status, StatusCode::OK);
    let before = api.update(api.dev()).await;
    assert_eq!(deliver(&mut api, &token, &[failure.clone(), failure]).await, ["late", "late again"]);
    assert_eq!(api.update(api.dev()).await, before);
    let kept = store::agent::reports(api.world.services.db().reader(), before.id).await.unwrap();
    assert_eq!(kept.len(), 1, "and it is kept");
}

#[tokio::test]
async fn a_failure_says_why_on_the_page() {
    let (mut api, token, order) = begun().await;
    let failed =
        json!({ "state": "failed", "reason": "Disk full", "detail": "1.1 GB free", "running": "10.0.2645.136" });
    let failure = said(&order, 1, api.world.now(), &failed);
    deliver(&mut api, &token, &[failure]).await;
    let UpdateState::Failed { error, .. } = api.update(api.dev()).await.state else { panic!() };
    assert_eq!(error, "Disk full: 1.1 GB free");
}

#[tokio::test]
async fn what_really_runs_is_kept_and_obeyed() {
    let (mut api, token, order) = ordered().await;
    let runs = |n: u64, minutes: i64, build: &str| {
        let at = api.world.now() - TimeDelta::minutes(minutes);
        json!({ "report_id": Uuid::from_u128(n.into()), "sequence": n, "at": at, "state": "running_version", "build": build })
    };
    // The newer word comes first; nobody ordered that build.
    let told = [runs(2, 5, "10.0.2645.150"), runs(1, 50, "10.0.2645.136"), runs(2, 5, "10.0.2645.150")];
    assert_eq!(deliver(&mut api, &token, &told).await, ["unknown_version", "late", "unknown_version again"]);
    assert_eq!(api.environment(api.dev()).await.build.to_string(), "10.0.2645.150");
    // Rule G6: a lower build is not brought, and the planner finds the update satisfied.
    assert_eq!(api.order(&token).await.status, StatusCode::NO_CONTENT);
    let refused = api.begin(&token, &order, 1).await;
    assert_eq!(problem(&refused), (StatusCode::CONFLICT, "not-now".into()));
    assert!(refused.body.contains("It already runs 10.0.2645.150"), "{refused:?}");
    api.tick().await;
    assert!(matches!(api.update(api.dev()).await.state, UpdateState::AlreadySatisfied { .. }));
}

/// A mistaken word and then the truth: its train takes it all the same.
#[tokio::test]
async fn a_build_that_is_there_no_more_satisfies_nothing() {
    let (mut api, token, _) = ordered().await;
    let runs = |n: u64, minutes: i64, build: &str| {
        let at = api.world.now() - TimeDelta::minutes(minutes);
        json!({ "report_id": Uuid::from_u128(n.into()), "sequence": n, "at": at, "state": "running_version", "build": build })
    };
    let (mistaken, truth) = (runs(1, 5, "10.0.9999.1"), runs(2, 1, "10.0.2645.136"));
    assert_eq!(deliver(&mut api, &token, &[mistaken]).await, ["unknown_version"]);
    api.tick().await;
    assert!(matches!(api.update(api.dev()).await.state, UpdateState::AlreadySatisfied { .. }));
    deliver(&mut api, &token, &[truth]).await;
    api.tick().await;
    let state = api.update(api.dev()).await.state;
    assert!(matches!(state, UpdateState::Planned | UpdateState::Announced { .. }), "{state:?}");
    api.run_until_ordered(api.dev()).await;
}

/// Its agent brings what its owner took ahead: the push finds it there, and its night does not take place.
#[tokio::test]
async fn what_is_taken_ahead_is_no_success_of_the_push() {
    let (mut api, token, order) = begun().await;
    let update = api.update(api.dev()).await;
    let week = TimeDelta::days(7);
    let now = update.state.night().unwrap();
    let own = Night { date: now.date + week, start: now.start + week, end: now.end + week };
    let before = UpdateState::Announced { night: own, announced_at: api.world.now(), moved: None };
    let by = Person { id: UserId::new(Uuid::nil()), name: "Ada".into() };
    let tx = api.world.services.db().begin().await.unwrap();
    store::update::set_pull(&tx, update.id, Some(&Booked::new(by, api.world.now(), before, now))).await.unwrap();
    tx.commit().await.unwrap();
    let reports = course(&api, &order);
    api.world.clock.advance(TimeDelta::hours(1));
    deliver(&mut api, &token, &reports).await;
    let state = api.update(api.dev()).await.state;
    let UpdateState::AlreadySatisfied { cancelled, pulled_at, .. } = state else { panic!("{state:?}") };
    assert!(cancelled == Some(own) && pulled_at.is_some());
    assert_eq!(api.environment(api.dev()).await.build.to_string(), NEW);
    let snapshot = api.world.services.db().snapshot().await.unwrap();
    let loaded = store::rollout::load_facts(&snapshot, api.world.rollout, Reach::Everyone).await.unwrap().unwrap();
    let stage = loaded.facts.stages.iter().find(|stage| Some(stage.key) == update.stage).unwrap();
    assert_eq!((stage.tally.evidence.succeeded, loaded.facts.reports.reported), (0, 1), "evidence of failures alone");
    let owner = api.world.as_role(Role::CustomerAdmin).await.unwrap();
    let letters = api.world.services.list_notifications(&owner, &NotificationsParams::default()).await.unwrap();
    assert!(letters.rows.iter().any(|row| row.kind == NotificationKind::Delivered));
    assert!(!letters.rows.iter().any(|row| row.kind == NotificationKind::Satisfied), "one letter says both");
}

#[tokio::test]
async fn an_order_that_nobody_takes_goes_back_to_its_night_and_gets_another() {
    let (api, ..) = ordered().await;
    let night = api.update(api.dev()).await.state.night().unwrap();
    api.world.clock.set(night.end - TimeDelta::minutes(30));
    api.tick().await;
    let update = api.update(api.dev()).await;
    assert!(matches!(update.state, UpdateState::Announced { .. }), "{:?}", update.state);
    assert_eq!(update.attempts, 0, "nothing was touched, so no attempt is counted");
    assert_eq!(api.world.deployer.started(), 0);
}

#[tokio::test]
async fn what_cannot_be_true_or_read_is_refused_by_name() {
    let (mut api, token, order) = begun().await;
    let now = api.world.now();
    let begun = json!({ "state": "begun" });
    let future = said(&order, 1, now + TimeDelta::minutes(6), &begun);
    assert_eq!(
        problem(&api.report(&token, &future).await),
        (StatusCode::UNPROCESSABLE_ENTITY, "from-the-future".into())
    );
    let skewed = said(&order, 2, now + TimeDelta::minutes(4), &begun);
    assert_eq!(api.report(&token, &skewed).await.status, StatusCode::OK);
    let other = said(&order, 2, now, &json!({ "state": "applied" }));
    assert_eq!(problem(&api.report(&token, &other).await), (StatusCode::CONFLICT, "report-id-used".into()));
    let mut orderless = said(&order, 3, now, &begun);
    orderless.as_object_mut().unwrap().remove("order");
    assert_eq!(problem(&api.report(&token, &orderless).await).1, "invalid");
    let unknown = said("upd_00000000000000000000000001", 4, now, &begun);
    assert_eq!(problem(&api.report(&token, &unknown).await), (StatusCode::NOT_FOUND, "not-found".into()));
    for body in
        [json!({}), json!([]), said(&order, 5, now, &json!({ "state": "exploded" })), said("order", 5, now, &begun)]
    {
        assert_eq!(problem(&api.report(&token, &body).await), (StatusCode::UNPROCESSABLE_ENTITY, "invalid".into()));
    }
    let failed = said(&order, 6, now, &json!({ "state": "failed", "reason": " " }));
    assert_eq!(problem(&api.report(&token, &failed).await).1, "invalid");
    let long = said(&order, 6, now, &json!({ "state": "failed", "reason": "x", "detail": "x".repeat(70_000) }));
    assert_eq!(problem(&api.report(&token, &long).await), (StatusCode::PAYLOAD_TOO_LARGE, "too-large".into()));
    let wrong = api.ask(Method::GET, "/api/v1/agent/reports", Some(&token), None).await;
    assert_eq!(problem(&wrong), (StatusCode::METHOD_NOT_ALLOWED, "wrong-method".into()));
    let typeless = api.ask(Method::POST, "/api/v1/agent/reports", Some(&token), None).await;
    assert_eq!(problem(&typeless), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json".into()));
    assert!(matches!(api.update(api.dev()).await.state, UpdateState::InProgress { .. }), "nothing moved");
}

/// An agent may answer with a report before the commit of another is seen: the trail has one record of each change.
#[tokio::test]
async fn every_change_is_audited_once_under_the_agents_name() {
    let (mut api, token, order) = begun().await;
    let reports = course(&api, &order);
    api.world.clock.advance(TimeDelta::hours(1));
    deliver(&mut api, &token, &[reports.clone(), reports].concat()).await;
    let events = store::audit::list(api.world.services.db().reader(), None, 100).await.unwrap().rows;
    let of_agent: Vec<&str> = events
        .iter()
        .rev()
        .filter(|event| event.actor.kind.key() == "agent")
        .map(|event| event.action.as_str())
        .collect();
    let expected =
        ["environment.update_taken", "environment.update", "environment.update", "environment.build_reported"];
    assert_eq!(of_agent, expected);
    assert!(api.keep().path().exists());
}
