//! Halts and freezes over HTTP, as a browser without Wasm sends them: look, confirm, and land on the page again.

use crate::browser::{Answer, Browser};
use crate::harness::TestApp;
use axum::http::StatusCode;
use domain::permission::Role;
use store::rollout::RolloutFilter;

const BANNER: &str = "All updates are halted by ";

async fn halt_everything(browser: &mut Browser, reason: &str, confirmed: &str) -> Answer {
    let form = [("input[what]", "everything"), ("input[reason]", reason), ("input[confirmed]", confirmed)];
    browser.headers.insert("referer", "http://127.0.0.1:3000/halts?what=everything".parse().unwrap());
    browser.post("/api/halts/place", &form).await
}

#[tokio::test]
async fn the_kill_switch_is_looked_at_confirmed_said_everywhere_and_lifted() {
    let app = TestApp::new().await;
    let mut lead = app.signed_in_as(Role::IncidentLead).await;
    let page = lead.get("/halts").await;
    assert!(page.body.contains("Nothing is halted"), "{}", page.body);
    let page = lead.get("/halts?what=everything").await;
    assert!(page.body.contains("It stops 0 environments of 0 rollouts."), "{}", page.body);

    let untold = halt_everything(&mut lead, "the network is down", "").await;
    assert!(untold.location().contains("problem=confirmation_missing"), "{}", untold.location());
    let page = lead.get(untold.location()).await;
    assert!(page.body.contains("Tick the box to confirm.") && page.body.contains("the network is down"));
    let untold = halt_everything(&mut lead, " ", "yes").await;
    assert!(untold.location().contains("problem=reason_missing"), "{}", untold.location());

    let done = halt_everything(&mut lead, "the network is down", "yes").await;
    assert_eq!(done.location(), "/halts?done=place_halt");
    for path in ["/halts", "/rollouts", "/support/deployments", "/settings"] {
        let page = lead.get(path).await;
        assert!(page.body.contains(BANNER) && page.body.contains("the network is down"), "{path}");
    }
    let mut admin = app.signed_in_as(Role::CustomerAdmin).await;
    assert!(!admin.get("/environments").await.body.contains(BANNER), "nothing of theirs waits");

    let halt = store::halt::kill_switch(app.db.reader()).await.unwrap().unwrap().id.to_string();
    let lift = [("input[halt]", halt.as_str()), ("input[reason]", "it is back"), ("input[confirmed]", "yes")];
    let refused = lead.post("/api/halts/lift", &lift).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut operator = app.signed_in_as(Role::Operator).await;
    let page = operator.get(&format!("/halts?lift={halt}")).await;
    assert!(page.body.contains("Lift the halt: Everything"), "{}", page.body);
    let lifted = operator.post("/api/halts/lift", &lift).await;
    assert_eq!(lifted.location(), "/halts?done=lift_halt");
    let page = operator.get("/halts").await;
    assert!(!page.body.contains(BANNER) && page.body.contains("it is back"), "{}", page.body);
}

#[tokio::test]
async fn a_station_is_halted_from_the_page_of_its_rollout() {
    let app = TestApp::new().await;
    let mut manager = app.signed_in_as(Role::ReleaseManager).await;
    let rollouts = store::rollout::list(app.db.reader(), &RolloutFilter::default()).await.unwrap();
    let rollout = rollouts[0].id.to_string();
    let page = manager.get(&format!("/rollouts/{rollout}")).await;
    let link = format!("/halts?what=station&amp;rollout={rollout}&amp;station=4#confirm");
    assert!(page.body.contains(&link), "{}", page.body);
    let mut support = app.signed_in_as(Role::Support).await;
    assert!(!support.get(&format!("/rollouts/{rollout}")).await.body.contains(&link));
    let page = support.get("/halts?what=everything").await;
    assert!(!page.body.contains("Halt something"), "who may halt nothing is offered nothing");

    let form = [
        ("input[what]", "station"),
        ("input[rollout]", rollout.as_str()),
        ("input[station]", "4"),
        ("input[reason]", "a region is down"),
        ("input[confirmed]", "yes"),
    ];
    assert_eq!(manager.post("/api/halts/place", &form).await.location(), "/halts?done=place_halt");
    let page = manager.get("/halts").await;
    assert!(page.body.contains("Station 4 of 10.0.48 PQU-7") && page.body.contains("a region is down"));
    let page = manager.get(&format!("/rollouts/{rollout}")).await;
    assert!(page.body.contains("Lift the halt of station 4") && page.body.contains("Halted in part"), "{}", page.body);
}

#[tokio::test]
async fn a_freeze_is_looked_at_set_shown_to_customers_and_ended() {
    let app = TestApp::new().await;
    let mut manager = app.signed_in_as(Role::ReleaseManager).await;
    let page = manager.get("/freezes").await;
    assert!(page.body.contains("every year the nights of 20 Dec–3 Jan"), "the demo has one: {}", page.body);
    let wrong = manager.get("/freezes?scope=customer&customer=nobody.example&first=2026-10-10&last=2026-10-12").await;
    assert!(wrong.body.contains("No customer has this domain.") && wrong.body.contains("nobody.example"));
    let page = manager.get("/freezes?scope=customer&customer=contoso.example&first=2026-10-10&last=2026-10-12").await;
    assert!(page.body.contains("Freeze all environments of Contoso, the nights of 10–12 Oct 2026"), "{}", page.body);

    let mut form = vec![
        ("input[scope]", "customer"),
        ("input[customer]", "contoso.example"),
        ("input[first]", "2026-10-10"),
        ("input[last]", "2026-10-12"),
        ("input[reason]", "they take stock"),
    ];
    let untold = manager.post("/api/freezes/set", &form).await;
    assert!(untold.location().contains("problem=confirmation_missing"), "{}", untold.location());
    form.push(("input[confirmed]", "yes"));
    assert_eq!(manager.post("/api/freezes/set", &form).await.location(), "/freezes?done=set_freeze");
    let mut approver = app.signed_in_as(Role::Approver).await;
    assert_eq!(approver.post("/api/freezes/set", &form).await.status, StatusCode::FORBIDDEN);
    let page = approver.get("/freezes").await;
    assert!(page.body.contains("they take stock") && !page.body.contains("Set a freeze"));

    let mut admin = app.signed_in_as(Role::CustomerAdmin).await;
    let calendar = admin.get("/calendar?month=2026-10&layout=list").await;
    assert!(calendar.body.contains("they take stock"), "{}", calendar.body);

    let freezes = store::freeze::set(app.db.reader()).await.unwrap();
    let own = freezes.iter().find(|freeze| freeze.reason == "they take stock").unwrap().id.to_string();
    let end = [("input[freeze]", own.as_str()), ("input[reason]", "stock is taken"), ("input[confirmed]", "yes")];
    assert_eq!(manager.post("/api/freezes/end", &end).await.location(), "/freezes?done=end_freeze");
    let page = manager.get("/freezes").await;
    assert!(page.body.contains("stock is taken"), "{}", page.body);
    let calendar = admin.get("/calendar?month=2026-10&layout=list").await;
    assert!(!calendar.body.contains("they take stock"));
}
