//! The form by which an environment is planned, as a browser without Wasm sends it.

use crate::harness::TestApp;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::calendar::DaySet;
use domain::permission::{Role, TenantScope};

#[tokio::test]
async fn several_days_arrive_and_what_is_refused_keeps_what_was_typed() {
    let app = TestApp::new().await;
    let contoso = app.customer("contoso.example").await;
    let before = store::environment::estate(app.db.reader(), contoso).await.unwrap().remove(0);
    let mut browser = app.signed_in_as(Role::CustomerAdmin).await;
    for (date, ends) in [("soon", "form=planning&problem=date_malformed"), ("2030-01-07", "problem=date_too_far")] {
        let answer = browser.send(form(&before.id.to_string(), before.generation, date)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        let location = answer.location();
        assert!(location.contains(ends) && location.contains("typed_days=Tue%2CThu"), "{location}");
        let page = browser.get(location).await;
        assert!(page.body.contains(&format!("value=\"{date}\"")), "the date is still there");
    }
    let answer = browser.send(form(&before.id.to_string(), before.generation, "2026-12-07")).await;
    assert!(answer.location().contains("done=planning"), "{answer:?}");
    let scope = TenantScope::Customer(contoso);
    let after = store::environment::find(app.db.reader(), scope, before.id).await.unwrap().unwrap();
    assert_eq!(after.chosen_days, Some(DaySet::of([chrono::Weekday::Tue, chrono::Weekday::Thu])));
    assert_eq!(after.service_update_due, "2026-12-07".parse().ok());
}

fn form(environment: &str, generation: i64, date: &str) -> Request<Body> {
    let field = |name: &str, value: &str| format!("input%5B{name}%5D={value}");
    let day = |day: &str| format!("input%5Bdays%5D%5B%5D={day}");
    let fields = [
        field("environment", environment),
        field("generation", &generation.to_string()),
        day("Tue"),
        day("Thu"),
        field("date", date),
    ];
    Request::post("/api/environments/plan")
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(fields.join("&")))
        .unwrap()
}
