//! What an agent says of a failure: it counts until it is mended, and is not refused for how it is told.

use super::agents::{begun, deliver, said};
use super::{Api, done};
use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::ids::EnvironmentId;
use domain::permission::Role;
use domain::rollout::{EnvironmentReason, UpdateState};
use domain::wire::notification::{NotificationKind, NotificationsParams};
use serde_json::{Value, json};
use store::rollout::Reach;
use uuid::Uuid;

const NEW: &str = "10.0.2645.147";

fn production(api: &Api) -> EnvironmentId {
    api.world.environment_id(api.world.contoso, "PROD")
}

/// Failures that count, and whether production is held for one in DEV.
async fn counted(api: &Api) -> (u32, bool) {
    let snapshot = api.world.services.db().snapshot().await.unwrap();
    let loaded = store::rollout::load_facts(&snapshot, api.world.rollout, Reach::Everyone).await.unwrap().unwrap();
    let state = api.update(production(api)).await.state;
    let held = matches!(
        state,
        UpdateState::Held { reason: EnvironmentReason::SandboxFailed { sandbox }, .. } if sandbox == api.dev()
    );
    (loaded.facts.reports.failed, held)
}

/// The one tick satisfies it, and with that known the next one holds production.
async fn tick_twice(api: &Api) {
    api.tick().await;
    api.tick().await;
}

async fn is_satisfied(api: &Api) -> bool {
    matches!(api.update(api.dev()).await.state, UpdateState::AlreadySatisfied { pulled_at: None, .. })
}

fn runs(api: &Api, n: u64, build: &str) -> Value {
    let (id, at) = (Uuid::from_u128(n.into()), api.world.now());
    json!({ "report_id": id, "sequence": n, "at": at, "state": "running_version", "build": build })
}

/// It could not be taken back: the build that failed runs. It is not tried again (rule G6), and a failure all the same.
#[tokio::test]
async fn a_failure_that_leaves_the_build_there_holds_production_until_a_person_has_seen_it() {
    let (mut api, token, order) = begun().await;
    let failed = json!({ "state": "failed", "reason": "Sign-in answers 503", "running": NEW });
    let failure = said(&order, 1, api.world.now(), &failed);
    assert_eq!(deliver(&mut api, &token, &[failure]).await, ["accepted"]);
    assert_eq!(api.environment(api.dev()).await.build.to_string(), NEW);
    tick_twice(&api).await;
    assert!(is_satisfied(&api).await);
    assert_eq!(counted(&api).await, (1, true));
    api.world.clock.advance(TimeDelta::hours(1));
    api.halt().await;
    let manager = api.world.as_role(Role::ReleaseManager).await.unwrap();
    done(&api.world.services.resume_rollout(&manager, api.world.rollout, "seen to").await.unwrap());
    tick_twice(&api).await;
    assert_eq!(counted(&api).await, (0, false));
}

#[tokio::test]
async fn healthy_mends_what_was_given_up_however_late_it_comes() {
    let (mut api, token, order) = begun().await;
    api.world.clock.advance(TimeDelta::minutes(40));
    let healthy = said(&order, 1, api.world.now(), &json!({ "state": "healthy" }));
    api.world.clock.advance(TimeDelta::hours(7));
    api.tick().await;
    // It came back with the new build, but whether that is healthy nobody knows yet.
    let there = runs(&api, 2, NEW);
    assert_eq!(deliver(&mut api, &token, &[there]).await, ["accepted"]);
    tick_twice(&api).await;
    assert!(is_satisfied(&api).await);
    assert_eq!(counted(&api).await, (1, true));
    assert_eq!(deliver(&mut api, &token, &[healthy.clone(), healthy]).await, ["late", "late again"]);
    assert_eq!(api.update(api.dev()).await.last_failed_at, None);
    let events = store::audit::list(api.world.services.db().reader(), None, 100).await.unwrap().rows;
    let mended: Vec<_> = events.iter().filter(|event| event.action == "environment.failure_mended").collect();
    assert_eq!(mended.iter().map(|event| event.actor.kind.key()).collect::<Vec<_>>(), ["agent"], "once, and by whom");
    tick_twice(&api).await;
    assert!(is_satisfied(&api).await);
    assert_eq!(counted(&api).await, (0, false));
    let owner = api.world.as_role(Role::CustomerAdmin).await.unwrap();
    let letters = api.world.services.list_notifications(&owner, &NotificationsParams::default()).await.unwrap();
    let told = letters.rows.iter().filter(|row| row.kind == NotificationKind::Satisfied).count();
    assert_eq!(told, 1, "who was told of the failure is told that it is over");
}

/// No text has a NUL, and no database has to keep one.
#[tokio::test]
async fn a_failure_is_not_refused_for_a_nul_in_its_log() {
    let (mut api, token, order) = begun().await;
    let failed = json!({ "state": "failed", "reason": "Disk\u{0}full", "detail": "\u{0}core dumped\u{0}" });
    let failure = said(&order, 1, api.world.now(), &failed);
    assert!(failure.to_string().contains("\\u0000"), "{failure}");
    assert_eq!(deliver(&mut api, &token, &[failure.clone(), failure]).await, ["accepted", "accepted again"]);
    let update = api.update(api.dev()).await;
    let UpdateState::Failed { error, .. } = &update.state else { panic!("{update:?}") };
    assert_eq!(error, "Disk\u{fffd}full: \u{fffd}core dumped\u{fffd}");
    let kept = store::agent::reports(api.world.services.db().reader(), update.id).await.unwrap();
    assert!(!serde_json::to_string(&kept[0].report.said).unwrap().contains("u0000"), "{kept:?}");
    let broken = said(&order, 2, api.world.now(), &json!({ "state": "failed\u{0}", "reason": "x" }));
    assert_eq!(api.report(&token, &broken).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
