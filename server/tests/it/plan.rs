//! The plan of a rollout over HTTP: a page, the same as JSON, and a form that needs no Wasm.

use crate::harness::TestApp;
use axum::http::{Method, StatusCode};
use domain::permission::Role;
use domain::wire::plan::PlanView;
use store::rollout::RolloutFilter;

async fn draft(app: &TestApp) -> String {
    let rollouts = store::rollout::list(app.db.reader(), &RolloutFilter::default()).await.unwrap();
    rollouts.iter().find(|rollout| rollout.train.number == 7).unwrap().id.to_string()
}

#[tokio::test]
async fn the_page_and_the_json_say_the_same() {
    let app = TestApp::new().await;
    let id = draft(&app).await;
    let mut release = app.signed_in_as(Role::ReleaseManager).await;
    let json = release.call(Method::GET, "/api/rollouts/plan/show", &[("params[rollout]", &id)]).await;
    assert_eq!(json.status, StatusCode::OK, "{json:?}");
    let mut view: PlanView = serde_json::from_str(&json.body).unwrap();
    // A large fleet takes some turns of the background.
    while view.progress.is_some() {
        app.services.work_on_plans().await.unwrap();
        let json = release.call(Method::GET, "/api/rollouts/plan/show", &[("params[rollout]", &id)]).await;
        view = serde_json::from_str(&json.body).unwrap();
    }
    let figures = view.figures.unwrap();
    assert!(figures.aboard > 500 && figures.skipped > 0, "{figures:?}");
    let page = release.get(&format!("/rollouts/{id}/plan")).await;
    assert_eq!(page.status, StatusCode::OK);
    for said in ["Stations and nights", "Left out", "Conflicts", "Station 6 · Production", "Set the percentage"] {
        assert!(page.body.contains(said), "{said}");
    }
    let on_nights: u32 = figures.stages.iter().flat_map(|stage| &stage.nights).map(|(_, n)| n).sum();
    assert_eq!(on_nights, figures.aboard);
    let why = &figures.left_out[0];
    let list = release.get(&format!("/rollouts/{id}/plan?why={}", why.key)).await;
    assert!(list.body.contains("Environments left out") && list.body.contains("/support/environments/env_"));
}

#[tokio::test]
async fn the_form_works_without_wasm_and_keeps_what_was_typed() {
    let app = TestApp::new().await;
    let id = draft(&app).await;
    let mut release = app.signed_in_as(Role::ReleaseManager).await;
    let form = |percent| [("input[rollout]", id.as_str()), ("input[stage]", "4-sandbox"), ("input[percent]", percent)];
    let refused = release.post("/api/rollouts/plan/percent", &form("250")).await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER, "{refused:?}");
    let back = release.get(refused.location()).await;
    assert!(back.body.contains("Enter a whole number from 0 to 100."), "{}", refused.location());
    assert!(back.body.contains("value=\"250\""), "what was typed stays");
    let done = release.post("/api/rollouts/plan/percent", &form("25")).await;
    let page = release.get(done.location()).await;
    assert!(page.body.contains("The percentage is set.") && page.body.contains("25 %"), "{}", done.location());
}
