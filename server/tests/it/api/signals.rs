//! Samples of listening systems: taken or refused one by one, the same in any order, and looked at by the gate.

use super::{Api, read};
use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use domain::health::{GatePolicy, Hour, HourSample, TelemetryPolicy};
use domain::ids::{EnvironmentId, UserId};
use domain::people::Person;
use domain::rollout::{Edited, HaltCause, RolloutState, StageState, UpdateState, WaitingOn};
use domain::token::{TokenKind, TokenReach};
use serde_json::{Value, json};
use uuid::Uuid;

async fn listening(telemetry: Option<TelemetryPolicy>) -> (Api, String) {
    let api = Api::new().await;
    let token = api.token(TokenKind::ListeningSystem, TokenReach::Signals).await;
    let tx = api.world.services.db().begin().await.unwrap();
    let rollout = store::rollout::find(&tx, api.world.rollout).await.unwrap().unwrap();
    let mut policy = rollout.policy;
    policy.gate = GatePolicy { bake_hours: 2, telemetry, ..policy.gate };
    store::rollout::bump(&tx, rollout.id, rollout.generation).await.unwrap();
    let by = Person { id: UserId::new(Uuid::nil()), name: "the test".to_owned() };
    let edit = Edited { by, at: api.world.now() };
    store::rollout::set_policy(&tx, rollout.id, &policy, &edit).await.unwrap();
    tx.commit().await.unwrap();
    (api, token)
}

fn sample(environment: EnvironmentId, from: DateTime<Utc>, minutes: i64, usage: i64, errors: i64) -> Value {
    let to = from + TimeDelta::minutes(minutes);
    json!({ "environment": environment, "from": from, "to": to, "usage": usage, "errors": errors })
}

async fn give(api: &mut Api, token: &str, samples: &[Value]) -> Value {
    let body = json!({ "samples": samples });
    let answer = api.ask(Method::POST, "/api/v1/signals", Some(token), Some(&body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    read(&answer)
}

async fn heard(api: &Api, hour: Hour) -> Option<HourSample> {
    store::telemetry::hour(api.world.services.db().reader(), api.dev(), hour).await.unwrap()
}

#[tokio::test]
async fn each_sample_is_taken_or_refused_by_itself() {
    let (mut api, token) = listening(None).await;
    let (dev, now) = (api.dev(), api.world.now());
    let hour = now - TimeDelta::hours(1);
    let nobody: EnvironmentId = "env_00000000000000000000000001".parse().unwrap();
    let batch = [
        sample(dev, hour, 60, 100, 1),
        sample(dev, hour, 60, -1, 0),
        sample(dev, hour, 66, 1, 0),
        sample(dev, now - TimeDelta::days(30), 60, 1, 0),
        sample(dev, hour, -60, 1, 0),
        sample(dev, hour, 60, 1, 2),
        sample(nobody, hour, 60, 1, 0),
        json!({ "environment": dev, "from": hour, "to": now, "usage": "NaN", "errors": 0 }),
        json!("nonsense"),
        sample(api.world.environment_id(api.world.contoso, "UAT"), hour, 60, 5, 0),
    ];
    let answer = give(&mut api, &token, &batch).await;
    let refused: Vec<u64> =
        answer["refused"].as_array().unwrap().iter().map(|refused| refused["index"].as_u64().unwrap()).collect();
    assert_eq!((&answer["accepted"], refused), (&json!(2), vec![1, 2, 3, 4, 5, 6, 7, 8]));
    for (index, reason) in [(1, "in the future"), (2, "days ago"), (5, "there is no environment")] {
        let said = answer["refused"][index]["reason"].as_str().unwrap();
        assert!(said.contains(reason), "{said}");
    }
}

#[tokio::test]
async fn samples_twice_late_and_in_reverse_order_make_the_same_hour() {
    let mut ends = Vec::new();
    for order in [vec![0, 1, 2], vec![2, 1, 0], vec![1, 2, 2, 0, 1]] {
        let (mut api, token) = listening(None).await;
        let hour = Hour::of(api.world.now());
        let dev = api.dev();
        // The hour so far, three times longer; the second speaks of more errors than the last.
        let said = [(20, 40, 1), (40, 80, 9), (60, 120, 3)];
        api.world.clock.advance(TimeDelta::hours(3));
        for index in order {
            let (minutes, usage, errors): (i64, i64, i64) = said[index];
            give(&mut api, &token, &[sample(dev, hour.start(), minutes, usage, errors)]).await;
        }
        ends.push(heard(&api, hour).await);
    }
    assert_eq!(ends[0], Some(HourSample { covered_seconds: 3600, usage: 120, errors: 9 }));
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
}

/// DEV, alone due at the first station, is updated; the engine has looked, and it is the full hour after.
async fn updated(api: &mut Api) {
    api.start().await;
    api.run_until_ordered(api.dev()).await;
    while !matches!(api.update(api.dev()).await.state, UpdateState::Succeeded { .. }) {
        api.world.clock.advance(TimeDelta::minutes(10));
        api.tick().await;
    }
    api.world.clock.set(Hour::from(api.world.now()).start());
}

async fn first_stage(api: &Api) -> (StageState, Vec<WaitingOn>) {
    let rollout = store::rollout::find(api.world.services.db().reader(), api.world.rollout).await.unwrap().unwrap();
    let stage = rollout.report.stages.first().unwrap();
    (stage.state, stage.waiting.clone())
}

/// Hour by hour, what the listening system says of the hour that has just ended.
async fn hours(api: &mut Api, token: &str, hours: usize, said: Option<(i64, i64)>) {
    for _ in 0..hours {
        let from = api.world.now();
        api.world.clock.advance(TimeDelta::hours(1));
        if let Some((usage, errors)) = said {
            give(api, token, &[sample(api.dev(), from, 60, usage, errors)]).await;
        }
        api.tick().await;
    }
}

#[tokio::test]
async fn silence_is_not_enough_evidence_and_what_is_heard_lets_the_stage_pass() {
    let (mut api, token) = listening(Some(TelemetryPolicy::DEFAULT)).await;
    updated(&mut api).await;
    hours(&mut api, &token, 6, None).await;
    let (state, waiting) = first_stage(&api).await;
    assert!(matches!(state, StageState::Open { .. }), "{state:?}");
    assert!(matches!(waiting.as_slice(), [WaitingOn::Gate { .. }]), "{waiting:?}");
    hours(&mut api, &token, 3, Some((400, 1))).await;
    let (state, waiting) = first_stage(&api).await;
    assert!(matches!(state, StageState::Passed { .. }), "{state:?} {waiting:?}");
}

#[tokio::test]
async fn errors_beyond_the_policy_halt_the_build() {
    let (mut api, token) = listening(Some(TelemetryPolicy::DEFAULT)).await;
    updated(&mut api).await;
    hours(&mut api, &token, 1, Some((400, 100))).await;
    let rollout = store::rollout::find(api.world.services.db().reader(), api.world.rollout).await.unwrap().unwrap();
    let RolloutState::Halted { cause: HaltCause::Gate { .. }, .. } = rollout.state else {
        panic!("{:?}", rollout.state)
    };
}

/// It passed by three good hours; what is heard of it later stops the train all the same.
#[tokio::test]
async fn errors_after_a_stage_passed_halt_the_build() {
    let (mut api, token) = listening(Some(TelemetryPolicy::DEFAULT)).await;
    updated(&mut api).await;
    hours(&mut api, &token, 3, Some((400, 1))).await;
    assert!(matches!(first_stage(&api).await.0, StageState::Passed { .. }));
    hours(&mut api, &token, 4, Some((400, 200))).await;
    let rollout = store::rollout::find(api.world.services.db().reader(), api.world.rollout).await.unwrap().unwrap();
    assert!(matches!(rollout.state, RolloutState::Halted { cause: HaltCause::Gate { .. }, .. }), "{:?}", rollout.state);
    assert!(matches!(first_stage(&api).await.0, StageState::Passed { .. }), "what passed stays so");
}

#[tokio::test]
async fn usage_that_falls_silent_is_harm_after_its_grace() {
    let (mut api, token) = listening(Some(TelemetryPolicy::DEFAULT)).await;
    updated(&mut api).await;
    // A busy week before; now nobody uses it, and the listening system says so.
    let week_before = api.world.now() - TimeDelta::days(7);
    let busy: Vec<Value> =
        (0..6).map(|hour| sample(api.dev(), week_before + TimeDelta::hours(hour), 60, 1_000, 0)).collect();
    assert_eq!(give(&mut api, &token, &busy).await["accepted"], json!(6));
    hours(&mut api, &token, 2, Some((3, 0))).await;
    assert!(matches!(first_stage(&api).await.0, StageState::Open { .. }), "within its grace it is not enough evidence");
    hours(&mut api, &token, 1, Some((3, 0))).await;
    let rollout = store::rollout::find(api.world.services.db().reader(), api.world.rollout).await.unwrap().unwrap();
    assert!(matches!(rollout.state, RolloutState::Halted { cause: HaltCause::Gate { .. }, .. }), "{:?}", rollout.state);
}
