//! Forms sent without Wasm: what was wrong stands beside its field, what was typed comes back, hostile text stays text.

use crate::harness::TestApp;
use axum::http::StatusCode;
use domain::permission::Role;
use store::rollout::RolloutFilter;

#[tokio::test]
async fn a_refused_emergency_request_loses_nothing_and_lands_on_its_page() {
    let app = TestApp::new().await;
    let rollout = store::rollout::list(app.db.reader(), &RolloutFilter::default()).await.unwrap().remove(0).id;
    let mut browser = app.signed_in_as(Role::ReleaseManager).await;
    let (id, reason) = (rollout.to_string(), "tokens leak </textarea><script>alert(1)</script>");
    let fields = [
        ("input[rollout]", id.as_str()),
        ("input[criterion]", "security"),
        ("input[severity]", ""),
        ("input[reason]", reason),
        ("input[bake_hours]", "3"),
        ("input[lasts_hours]", "24"),
        ("input[confirmed]", "emergency"),
    ];
    let answer = browser.post("/api/emergency/request", &fields).await;
    assert!(answer.status.is_redirection(), "{answer:?}");
    let to = answer.location().to_owned();
    assert!(to.starts_with(&format!("/rollouts/{id}/emergency?form=emergency&problem=severity_too_low")), "{to}");
    let page = browser.get(&to).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Choose a severity that the emergency path is for"), "beside its field");
    assert!(page.body.contains("tokens leak &lt;/textarea&gt;"), "what was typed comes back");
    assert!(!page.body.contains("<script>alert(1)"));
    assert!(page.body.contains(r#"value="3""#), "numbers too");
    // Nothing was asked for.
    let paths = store::emergency::of_rollout(app.db.reader(), rollout).await.unwrap();
    assert!(paths.is_empty());
}

#[tokio::test]
async fn a_flight_is_turned_by_a_plain_form_and_by_nobody_else() {
    let app = TestApp::new().await;
    let flights = async || store::flight::list(app.db.reader()).await.unwrap();
    let flight = flights().await.remove(0).flight.id.to_string();
    let fields = [
        ("input[flight]", flight.as_str()),
        ("input[to]", "off"),
        ("input[reason]", "rates are wrong"),
        ("input[confirmed]", "flight"),
    ];
    let mut support = app.signed_in_as(Role::Support).await;
    assert_eq!(support.post("/api/flights/turn", &fields).await.status, StatusCode::FORBIDDEN);
    assert!(flights().await[0].flight.is_on_by_default());
    let mut manager = app.signed_in_as(Role::ReleaseManager).await;
    let answer = manager.post("/api/flights/turn", &fields).await;
    assert!(answer.location().contains("done=flight"), "{answer:?}");
    assert!(!flights().await[0].flight.is_on_by_default());
    let page = manager.get(&format!("/flights?flight={flight}")).await;
    assert!(page.body.contains("rates are wrong"), "what was done is told");
}
