//! What every answer tells the browser to refuse.

use crate::browser::Answer;
use crate::harness::{Setup, TestApp};
use domain::permission::Role;

/// Every header of ours, without what differs each time.
fn shown(answer: &Answer) -> String {
    let mut lines: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    let nonce = nonce(answer);
    lines.join("\n").replace(&nonce, "NONCE")
}

fn nonce(answer: &Answer) -> String {
    let policy = answer.header("content-security-policy");
    policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_page() {
    let app = TestApp::new().await;
    let page = app.signed_in_as(Role::ReleaseManager).await.get("/rollouts").await;
    insta::assert_snapshot!(shown(&page), @r#"
    cache-control: no-store
    content-security-policy: default-src 'none'; script-src 'nonce-NONCE' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; report-uri /csp-report; report-to csp
    content-type: text/html; charset=utf-8
    cross-origin-opener-policy: same-origin
    cross-origin-resource-policy: same-origin
    permissions-policy: camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()
    referrer-policy: same-origin
    reporting-endpoints: csp="/csp-report"
    vary: accept-encoding
    x-content-type-options: nosniff
    "#);
}

#[tokio::test]
async fn a_page_over_tls() {
    let app = TestApp::with(Setup { public_url: Some("https://signalbox.example"), ..Setup::default() }).await;
    let page = app.browser().get("/login").await;
    insta::assert_snapshot!(shown(&page), @r#"
    cache-control: no-store
    content-security-policy: default-src 'none'; script-src 'nonce-NONCE' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; report-uri /csp-report; report-to csp
    content-type: text/html; charset=utf-8
    cross-origin-opener-policy: same-origin
    cross-origin-resource-policy: same-origin
    permissions-policy: camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()
    referrer-policy: same-origin
    reporting-endpoints: csp="/csp-report"
    strict-transport-security: max-age=63072000; includeSubDomains
    vary: accept-encoding
    x-content-type-options: nosniff
    "#);
}

#[tokio::test]
async fn every_kind_of_answer_has_them() {
    let app = TestApp::new().await;
    let mut browser = app.signed_in_as(Role::ReleaseManager).await;
    for path in
        ["/login", "/", "/rollouts", "/no/such/page", "/api/rollouts/list", "/api/no/such", "/healthz", "/pkg/no"]
    {
        let answer = browser.get(path).await;
        for header in
            ["content-security-policy", "x-content-type-options", "referrer-policy", "x-request-id", "cache-control"]
        {
            assert!(answer.headers.contains_key(header), "{path} has no {header}");
        }
        assert!(!answer.headers.contains_key("server"), "{path}");
    }
}

#[tokio::test]
async fn the_nonce_is_new_each_time_and_on_every_script() {
    let app = TestApp::new().await;
    let mut browser = app.signed_in_as(Role::ReleaseManager).await;
    let (first, second) = (browser.get("/rollouts").await, browser.get("/rollouts").await);
    assert_ne!(nonce(&first), nonce(&second));
    assert!(nonce(&first).len() >= 22, "128 bits");
    let marked = format!("nonce=\"{}\"", nonce(&first));
    let scripts: Vec<&str> = first.body.split("<script").skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
    assert!(!scripts.is_empty());
    for script in scripts {
        assert!(script.contains(&marked), "<script{script}>");
    }
    assert!(!first.body.contains(" style=\""), "the policy stops inline styles");
}
