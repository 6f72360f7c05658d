//! Sessions: cookie, times, ends.

use crate::harness::{Setup, TestApp, credentials};
use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::permission::Role;
use tower_sessions::SessionStore;

const SETTINGS: &str = "/settings";

#[tokio::test]
async fn the_cookie_is_for_this_host_and_for_http_only() {
    let app = TestApp::new().await;
    let answer = app.browser().post("/login", &credentials("release@vendor.example")).await;
    let [cookie] = answer.cookies()[..] else { panic!("{answer:?}") };
    let (value, attributes) = cookie.split_once("; ").unwrap();
    assert!(value.starts_with("id=") && value.len() > 20, "{value}");
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Path=/");
}

#[tokio::test]
async fn over_tls_it_is_bound_to_the_host_also_when_removed() {
    let app = TestApp::with(Setup { public_url: Some("https://signalbox.example"), ..Setup::default() }).await;
    let mut browser = app.browser();
    let answer = browser.post("/login", &credentials("release@vendor.example")).await;
    let [cookie] = answer.cookies()[..] else { panic!("{answer:?}") };
    assert!(cookie.starts_with("__Host-id="), "{cookie}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/"), "{cookie}");
    let out = browser.post("/logout", &[]).await;
    assert_eq!(out.cookies(), ["__Host-id=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"]);
}

#[tokio::test]
async fn a_proxy_that_is_trusted_may_speak_for_tls() {
    let app = TestApp::with(Setup { trusted_proxies: &["127.0.0.1"], ..Setup::default() }).await;
    let mut browser = app.browser().with("x-forwarded-proto", "https");
    let answer = browser.post("/login", &credentials("release@vendor.example")).await;
    assert!(answer.cookies()[0].starts_with("__Host-id="));
    assert_eq!(browser.get(SETTINGS).await.status, StatusCode::OK);
    assert!(answer.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn the_database_holds_no_cookie() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    browser.post("/login", &credentials("release@vendor.example")).await;
    let cookie = browser.cookies["id"].clone();
    let file = app.copy_of_database().await;
    let holds = |needle: &[u8]| file.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"release@vendor.example"), "the file is read as it is");
    assert!(!holds(cookie.as_bytes()));
}

#[tokio::test]
async fn idle_for_half_an_hour_it_ends() {
    let app = TestApp::new().await;
    let mut browser = app.signed_in_as(Role::Support).await;
    for _ in 0..5 {
        app.session_clock.advance(TimeDelta::minutes(29));
        assert_eq!(browser.get(SETTINGS).await.status, StatusCode::OK, "each use grants half an hour more");
    }
    app.session_clock.advance(TimeDelta::minutes(31));
    let answer = browser.get(SETTINGS).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.cookies(), ["id=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"], "a dead cookie is removed");
}

#[tokio::test]
async fn after_twelve_hours_it_ends_however_busy() {
    let app = TestApp::new().await;
    let mut browser = app.signed_in_as(Role::Support).await;
    for quarter in 1..48 {
        app.session_clock.advance(TimeDelta::minutes(15));
        assert_eq!(browser.get(SETTINGS).await.status, StatusCode::OK, "quarter {quarter}");
    }
    app.session_clock.advance(TimeDelta::minutes(15));
    assert_eq!(browser.get(SETTINGS).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_clock_of_the_demo_does_not_age_it() {
    let app = TestApp::new().await;
    let mut browser = app.signed_in_as(Role::Support).await;
    app.clock.advance(TimeDelta::days(30));
    assert_eq!(browser.get(SETTINGS).await.status, StatusCode::OK);
}

#[tokio::test]
async fn signing_out_ends_it_on_the_server_too() {
    let app = TestApp::new().await;
    let mut browser = app.signed_in_as(Role::Support).await;
    let cookies = browser.cookies.clone();
    let answer = browser.post("/logout", &[]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/login"));
    assert_eq!(answer.cookies(), ["id=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"]);
    browser.cookies = cookies;
    assert_eq!(browser.get(SETTINGS).await.status, StatusCode::SEE_OTHER, "the old cookie opens nothing");
}

#[tokio::test]
async fn signing_out_elsewhere_keeps_only_this_one() {
    let app = TestApp::new().await;
    let mut here = app.signed_in_as(Role::Support).await;
    let mut there = app.signed_in_as(Role::Support).await;
    let mut somebody = app.signed_in_as(Role::ReleaseManager).await;
    let answer = here.post("/logout-elsewhere", &[]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/settings?done=sign_out_elsewhere"));
    assert_eq!(here.get(SETTINGS).await.status, StatusCode::OK);
    assert_eq!(there.get(SETTINGS).await.status, StatusCode::SEE_OTHER);
    assert_eq!(somebody.get(SETTINGS).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_disabled_account_is_out_on_the_next_request() {
    let app = TestApp::new().await;
    let mut browser = app.signed_in_as(Role::Support).await;
    assert_eq!(browser.get(SETTINGS).await.status, StatusCode::OK);
    app.disable(Role::Support).await;
    assert_eq!(browser.get(SETTINGS).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_made_up_cookie_is_nobody() {
    let app = TestApp::new().await;
    let long = "A".repeat(5_000);
    for value in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA", "%00", "../../etc/passwd", long.as_str()] {
        let mut browser = app.browser();
        browser.cookies.insert("id".to_owned(), value.to_owned());
        assert_eq!(browser.get(SETTINGS).await.status, StatusCode::SEE_OTHER, "{value}");
    }
}

#[tokio::test]
async fn a_slow_request_does_not_bring_a_deleted_session_back() {
    let app = TestApp::new().await;
    let sessions = app.sessions();
    let mut record = app.session_record(Role::Support).await;
    sessions.create(&mut record).await.unwrap();
    sessions.delete(&record.id).await.unwrap();
    sessions.save(&record).await.unwrap();
    assert!(sessions.load(&record.id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_taken_id_is_replaced() {
    let app = TestApp::new().await;
    let sessions = app.sessions();
    let mut first = app.session_record(Role::Support).await;
    sessions.create(&mut first).await.unwrap();
    let mut second = app.session_record(Role::ReleaseManager).await;
    second.id = first.id;
    sessions.create(&mut second).await.unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(sessions.load(&first.id).await.unwrap().unwrap().data, first.data);
}
