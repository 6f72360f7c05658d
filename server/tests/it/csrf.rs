//! What another site can make a browser send.

use crate::harness::TestApp;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use domain::permission::Role;

/// Origin, Sec-Fetch-Site, and whether a request with a session gets through.
const CASES: [(&str, &str, bool); 11] = [
    ("", "same-origin", true),
    ("http://signalbox.example", "same-origin", true),
    ("", "none", true),
    ("http://signalbox.example", "", true),
    ("", "", false),
    ("", "cross-site", false),
    ("", "same-site", false),
    ("http://evil.example", "cross-site", false),
    ("http://evil.example", "", false),
    ("http://signalbox.example.evil.example", "", false),
    ("null", "", false),
];

fn request(method: Method, path: &str, origin: &str, site: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header("host", "signalbox.example");
    for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
        if !value.is_empty() {
            request = request.header(name, value);
        }
    }
    request.header("content-type", "application/x-www-form-urlencoded").body(Body::empty()).unwrap()
}

#[tokio::test]
async fn only_own_pages_can_change_something() {
    let app = TestApp::new().await;
    for path in ["/logout-elsewhere", "/api/notifications/read-all"] {
        for (origin, site, passes) in CASES {
            let mut browser = app.signed_in_as(Role::CustomerAdmin).await;
            let answer = browser.send(request(Method::POST, path, origin, site)).await;
            assert_eq!(answer.status != StatusCode::FORBIDDEN, passes, "{path} {origin} {site} {answer:?}");
        }
    }
}

#[tokio::test]
async fn signing_in_from_another_site_is_refused() {
    let app = TestApp::new().await;
    let answer = app.browser().send(request(Method::POST, "/login", "http://evil.example", "cross-site")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn following_a_link_from_another_site_works() {
    let app = TestApp::new().await;
    let mut browser = app.signed_in_as(Role::CustomerAdmin).await;
    let answer = browser.send(request(Method::GET, "/notifications", "", "cross-site")).await;
    assert_eq!(answer.status, StatusCode::OK);
}
