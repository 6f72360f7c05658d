//! Requests that no browser of ours sends. They get a status below 500 and change nothing.

use crate::harness::TestApp;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use domain::permission::Role;
use futures::stream;
use server::permissions::PAGES;

const ENDS: [&str; 16] = [
    "%",
    "%zz",
    "%00",
    "%ff%fe",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%5c..",
    "//",
    "/../",
    ";x=1",
    "'%20or%201=1--",
    "%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "env_00000000000000000000000000u",
    "rol_%C3%A9",
    "🚂",
    "{id}",
    "\u{202e}",
];

fn as_uri(path: &str) -> Option<axum::http::Uri> {
    path.parse().ok()
}

#[tokio::test]
async fn paths() {
    let app = TestApp::new().await;
    for role in [Role::CustomerAdmin, Role::ReleaseManager] {
        let mut browser = app.signed_in_as(role).await;
        for (pattern, _) in PAGES.iter().filter(|(pattern, _)| pattern.contains("{id}")) {
            for end in ENDS {
                let path = pattern.replace("{id}", end);
                if as_uri(&path).is_none() {
                    continue;
                }
                let answer = browser.get(&path).await;
                assert!(answer.status.as_u16() < 500, "{path} {}", answer.status);
                assert!(!answer.body.contains("<script>alert(1)"), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn queries() {
    let app = TestApp::new().await;
    let long = "a".repeat(6_000);
    let values = [
        "%",
        "%zz",
        "%00",
        "-1",
        "99999999999999999999",
        "NaN",
        "%F0%9F%9A%82",
        "2026-13-45",
        "'--",
        "[]",
        "{}",
        &long,
    ];
    let names = [
        "q",
        "station",
        "state",
        "month",
        "after",
        "kind",
        "region",
        "environment",
        "stage",
        "problem",
        "sort",
        "unread",
        "view",
        "day",
    ];
    for role in [Role::CustomerAdmin, Role::ReleaseManager] {
        let mut browser = app.signed_in_as(role).await;
        for (page, _) in PAGES.iter().filter(|(page, _)| !page.contains("{id}")) {
            for value in values {
                let all: Vec<String> = names.iter().map(|name| format!("{name}={value}")).collect();
                let path = format!("{page}?{}", all.join("&"));
                if as_uri(&path).is_none() {
                    continue;
                }
                let answer = browser.get(&path).await;
                assert!(answer.status.as_u16() < 500, "{path} {}", answer.status);
            }
        }
        for path in ["/environments?&&==&%3D=&q", "/notifications?kind[]=1&kind[0][x]=2"] {
            assert!(browser.get(path).await.status.as_u16() < 500, "{path}");
        }
        // A stream that may begin does not end by itself, so only its beginning is looked at.
        let stream = Request::get("/events?after=x&topics=,,:,rollout:").body(Body::empty()).unwrap();
        assert!(browser.open(stream).await.status().as_u16() < 500);
    }
}

#[tokio::test]
async fn arguments_of_server_functions() {
    let app = TestApp::new().await;
    let arguments: [&[(&str, &str)]; 8] = [
        &[("input", "x")],
        &[("input[environment]", "env_1"), ("input[rollout]", "rol_1"), ("input[notification]", "ntf_1")],
        &[("input[rollout]", "rol_00000000000000000000000001"), ("input[station]", "999")],
        &[("input[rollout]", "rol_00000000000000000000000001"), ("input[station]", "-1")],
        &[("params[month]", "2026-99"), ("params[station]", "x"), ("params[after]", "x"), ("params[limit]", "-1")],
        &[("input[speed]", "\u{0}"), ("input[time_zone]", "../../etc/passwd")],
        &[("input[]", "x"), ("input[[", "x"), ("%", "%")],
        &[("params[state]", "nonsense"), ("params[kind]", "nonsense"), ("params[text]", "%"), ("params[q]", "'")],
    ];
    for role in [Role::CustomerAdmin, Role::ReleaseManager, Role::Operator] {
        let mut browser = app.signed_in_as(role).await;
        for (path, method) in server_fn::axum::server_fn_paths().collect::<Vec<_>>() {
            for fields in arguments {
                let answer = browser.call(method.clone(), path, fields).await;
                assert!(answer.status.as_u16() < 500, "{role:?} {path} {fields:?} {answer:?}");
                let form = if method == Method::POST { browser.post(path, fields).await } else { answer };
                assert!(form.status.as_u16() < 500, "{role:?} {path} {fields:?} {form:?}");
            }
        }
    }
}

#[tokio::test]
async fn bodies_are_limited_whether_announced_or_not() {
    let app = TestApp::new().await;
    let mut browser = app.signed_in_as(Role::ReleaseManager).await;
    let limit = server::layers::body_limit::BODY_BYTES_MAX;
    let post = |path: &str, body: Body| {
        let request = Request::post(path).header("sec-fetch-site", "same-origin");
        request.header("content-type", "application/x-www-form-urlencoded").body(body).unwrap()
    };
    for path in ["/login", "/logout", "/api/rollouts/halt", "/csp-report", "/no/such"] {
        let announced = browser.send(post(path, Body::from(vec![b'a'; limit + 1]))).await;
        assert_eq!(announced.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        let chunks = stream::iter((0..70).map(|_| Ok::<_, std::io::Error>(vec![b'a'; 1024])));
        let streamed = browser.send(post(path, Body::from_stream(chunks))).await;
        assert_eq!(streamed.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    let lying =
        Request::post("/csp-report").header("content-length", "18446744073709551615").body(Body::empty()).unwrap();
    assert_eq!(browser.send(lying).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let broken = Body::from_stream(stream::iter([Ok("a"), Err(std::io::Error::other("gone"))]));
    assert_eq!(browser.send(post("/csp-report", broken)).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn reports_of_browsers_are_taken_from_anybody() {
    let app = TestApp::new().await;
    let report =
        Request::post("/csp-report").header("sec-fetch-site", "cross-site").body(Body::from("{\u{1b}[31m")).unwrap();
    assert_eq!(app.browser().send(report).await.status, StatusCode::NO_CONTENT);
}
