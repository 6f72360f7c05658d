//! Incidents of listening systems: they halt the build from a severity on, once, whatever order they come in.

use super::{Api, problem, read};
use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::health::IncidentPolicy;
use domain::permission::Role;
use domain::rollout::{HaltCause, RolloutState};
use domain::severity::Severity;
use domain::token::{TokenKind, TokenReach};
use domain::wire::incident::IncidentsParams;
use domain::wire::problem::{FormOutcome, FormProblem};
use serde_json::{Value, json};

const BUILD: &str = "10.0.2645.147";

async fn listening() -> (Api, String) {
    let api = Api::new().await;
    let token = api.token(TokenKind::ListeningSystem, TokenReach::Signals).await;
    (api, token)
}

fn incident(api: &Api, name: &str, severity: &str) -> Value {
    json!({
        "incident": name, "build": BUILD, "severity": severity, "finding": "Invoices cannot be posted",
        "opened_at": api.world.now()
    })
}

async fn open(api: &mut Api, token: &str, body: &Value) -> String {
    let answer = api.ask(Method::POST, "/api/v1/incidents", Some(token), Some(body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let answer = read(&answer);
    let known = if answer["known"] == json!(true) { " again" } else { "" };
    format!("{}{known}", answer["outcome"].as_str().unwrap())
}

async fn state(api: &Api) -> RolloutState {
    store::rollout::find(api.world.services.db().reader(), api.world.rollout).await.unwrap().unwrap().state
}

/// What is wrong is known before the train leaves: nobody starts it until somebody has seen to that.
#[tokio::test]
async fn an_incident_before_the_start_keeps_the_train_in() {
    let (mut api, token) = listening().await;
    let early = incident(&api, "INC-1", "critical");
    assert_eq!(open(&mut api, &token, &early).await, "nothing_runs");
    assert_eq!(open(&mut api, &token, &early).await, "nothing_runs again");
    let manager = api.world.as_role(Role::ReleaseManager).await.unwrap();
    let (services, rollout) = (&api.world.services, api.world.rollout);
    let refused = services.start_rollout(&manager, rollout).await.unwrap();
    assert_eq!(refused, FormOutcome::Refused { problem: FormProblem::BuildHalted });
    let build = store::rollout::find(services.db().reader(), rollout).await.unwrap().unwrap().build;
    let lifted = services.lift_build(&manager, build, "it was the test bench").await.unwrap();
    assert!(matches!(lifted, FormOutcome::Done { .. }), "{lifted:?}");
    let started = services.start_rollout(&manager, rollout).await.unwrap();
    assert!(matches!(started, FormOutcome::Done { .. }), "{started:?}");
    assert_eq!(open(&mut api, &token, &early).await, "nothing_runs again");
    assert!(matches!(state(&api).await, RolloutState::Running { .. }), "who lifted has seen it");
}

/// Seed: "If the alert is related to an end user, stop the rollout immediately".
#[tokio::test]
async fn what_people_report_halts_whatever_its_severity() {
    let (mut api, token) = listening().await;
    api.start().await;
    let mut low = incident(&api, "INC-7", "low");
    assert_eq!(open(&mut api, &token, &low).await, "recorded");
    low["by_people"] = json!(true);
    assert_eq!(open(&mut api, &token, &low).await, "halted");
    assert_eq!(open(&mut api, &token, &low).await, "halted again");
    assert!(matches!(state(&api).await, RolloutState::Halted { .. }));
}

#[tokio::test]
async fn an_incident_halts_the_build_once_and_a_resume_stands() {
    let (mut api, token) = listening().await;
    api.start().await;
    let (medium, high) = (incident(&api, "INC-2", "medium"), incident(&api, "INC-2", "high"));
    assert_eq!(open(&mut api, &token, &medium).await, "recorded");
    assert!(matches!(state(&api).await, RolloutState::Running { .. }));
    assert_eq!(open(&mut api, &token, &high).await, "halted");
    let RolloutState::Halted { cause, .. } = state(&api).await else { panic!() };
    assert!(matches!(&cause, HaltCause::ListeningSystem { incident: Some(name), .. } if name == "INC-2"), "{cause:?}");
    for said in [&medium, &high, &high] {
        assert_eq!(open(&mut api, &token, said).await, "halted again");
    }
    let other = incident(&api, "INC-3", "high");
    assert_eq!(open(&mut api, &token, &other).await, "halted_before");
    let manager = api.world.as_role(Role::ReleaseManager).await.unwrap();
    let resumed = api.world.services.resume_rollout(&manager, api.world.rollout, "a false alarm").await.unwrap();
    assert!(matches!(resumed, FormOutcome::Done { .. }), "{resumed:?}");
    assert_eq!(open(&mut api, &token, &high).await, "halted again");
    assert!(matches!(state(&api).await, RolloutState::Running { .. }), "who resumed has seen it");
    api.tick().await;
}

#[tokio::test]
async fn the_operator_says_from_when_on_it_halts() {
    let (mut api, token) = listening().await;
    api.start().await;
    let tx = api.world.services.db().begin().await.unwrap();
    services::incident::set_incident_policy(&tx, IncidentPolicy { halts_from: Severity::Low }).await.unwrap();
    tx.commit().await.unwrap();
    let low = incident(&api, "INC-1", "low");
    assert_eq!(open(&mut api, &token, &low).await, "halted");
}

#[tokio::test]
async fn what_does_not_make_sense_is_refused_by_name() {
    let (mut api, token) = listening().await;
    let good = incident(&api, "INC-1", "low");
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let future = api.world.now() + TimeDelta::minutes(6);
    for (body, expected) in [
        (with("incident", json!(" ")), "invalid"),
        (with("finding", json!("x".repeat(501))), "invalid"),
        (with("severity", json!("terrible")), "invalid"),
        (with("build", json!("NaN")), "invalid"),
        (with("nonsense", json!(1)), "invalid"),
        (with("opened_at", json!(future)), "from-the-future"),
    ] {
        let answer = api.ask(Method::POST, "/api/v1/incidents", Some(&token), Some(&body)).await;
        assert_eq!(problem(&answer).1, expected, "{body}");
    }
    let unknown = with("build", json!("10.0.9999.1"));
    assert_eq!(open(&mut api, &token, &unknown).await, "unknown_build");
    // What was said once stays said, whatever the next word leaves out.
    let mut suffered = with("build", json!("10.0.9999.1"));
    suffered["incident"] = json!("INC-9");
    suffered["by_people"] = json!(true);
    assert_eq!(open(&mut api, &token, &suffered).await, "unknown_build");
    let view = api
        .world
        .services
        .list_incidents(&api.world.as_role(Role::Support).await.unwrap(), &IncidentsParams::default())
        .await
        .unwrap();
    assert!(view.rows.iter().any(|row| row.name == "INC-9" && row.by_people));
    let answer = api.ask(Method::POST, "/api/v1/incidents", Some(&token), Some(&good)).await;
    assert_eq!(problem(&answer), (StatusCode::CONFLICT, "conflict".into()), "one incident, one build");
}

/// What halts nothing is to be looked into all the same: whoever may see rollouts finds it among the incidents, and every
/// page says how much is halted.
#[tokio::test]
async fn staff_see_what_was_reported_and_what_it_led_to() {
    let (mut api, token) = listening().await;
    let support = api.world.as_role(Role::Support).await.unwrap();
    let admin = api.world.as_role(Role::CustomerAdmin).await.unwrap();
    let small = incident(&api, "INC-1", "low");
    assert_eq!(open(&mut api, &token, &small).await, "recorded");
    let halts = api.world.services.shell_view(&support).await.unwrap().halts;
    assert_eq!(halts, 0);
    let grave = incident(&api, "INC-2", "critical");
    assert_eq!(open(&mut api, &token, &grave).await, "nothing_runs");
    let view = api.world.services.list_incidents(&support, &IncidentsParams::default()).await.unwrap();
    let told: Vec<_> = view.rows.iter().map(|row| (row.name.as_str(), row.severity.as_str())).collect();
    assert_eq!(told, [("INC-2", "Critical"), ("INC-1", "Low")], "heard of at the same instant");
    assert_eq!(view.rows[1].outcome, "It halted nothing");
    assert_eq!((view.rows[1].build.as_str(), view.rows[1].by.is_empty()), (BUILD, false));
    assert_eq!(api.world.services.shell_view(&support).await.unwrap().halts, 1, "the build is halted");
    assert_eq!(api.world.services.shell_view(&admin).await.unwrap().halts, 0, "customers are told in letters");
}
