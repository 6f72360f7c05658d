//! Signing in: the form, its problems, where it leads, and how often one may try.

use crate::harness::{Setup, TestApp, credentials};
use axum::http::StatusCode;
use chrono::TimeDelta;

const RIGHT: &str = "signalbox-demo";

#[tokio::test]
async fn the_right_password_leads_home() {
    let app = TestApp::new().await;
    for (email, home) in [
        ("admin@contoso.example", "/notifications"),
        (" Admin@Contoso.example ", "/notifications"),
        ("support@vendor.example", "/support/deployments"),
        ("incident@vendor.example", "/support/deployments"),
        ("release@vendor.example", "/rollouts"),
        ("approver@vendor.example", "/rollouts"),
        ("operator@vendor.example", "/rollouts"),
    ] {
        let mut browser = app.browser();
        let answer = browser.post("/login", &[("email", email), ("password", RIGHT)]).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, home), "{email}");
        assert_eq!(browser.get(home).await.status, StatusCode::OK, "{email}");
    }
}

#[tokio::test]
async fn it_leads_back_to_own_pages_only() {
    let app = TestApp::new().await;
    for (next, leads_to) in [
        ("/rollouts?state=running", "/rollouts?state=running"),
        ("/settings", "/settings"),
        ("//evil.example", "/rollouts"),
        (r"/\evil.example", "/rollouts"),
        ("https://evil.example/", "/rollouts"),
        ("/\t/evil.example", "/rollouts"),
        ("/a\r\nLocation: //evil.example", "/rollouts"),
        ("javascript:alert(1)", "/rollouts"),
        ("/login", "/rollouts"),
        ("/logout", "/rollouts"),
        ("", "/rollouts"),
    ] {
        let form = [("email", "release@vendor.example"), ("password", RIGHT), ("next", next)];
        let answer = app.browser().post("/login", &form).await;
        assert_eq!(answer.location(), leads_to, "{next:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_stands_beside_the_field_and_what_was_typed_stays() {
    let app = TestApp::new().await;
    for (email, password, problem) in [
        ("", RIGHT, "email_missing"),
        ("ada", RIGHT, "email_malformed"),
        ("ada@contoso.example", "", "password_missing"),
        ("admin@contoso.example", "wrong", "credentials_wrong"),
    ] {
        let mut browser = app.browser();
        let form = [("email", email), ("password", password), ("next", "/calendar")];
        let answer = browser.post("/login", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.location(), format!("/login?problem={problem}&next=%2Fcalendar"), "nothing that was typed");
        assert!(!browser.cookies.contains_key("id"), "no session before the password is right");
        let page = browser.get(answer.location()).await;
        let problem = domain::wire::problem::FormProblem::from_code(problem).unwrap();
        assert!(page.body.contains(&problem.message().replace('\'', "&#39;")) || page.body.contains(problem.message()));
        assert!(page.body.contains(&format!("value=\"{email}\"")) || email.is_empty());
        assert!(page.body.contains("value=\"/calendar\""), "where to go is kept");
        assert!(!page.body.contains(RIGHT) || page.body.contains("Demo accounts"));
    }
}

#[tokio::test]
async fn what_was_typed_as_the_email_is_in_no_address_and_shown_once() {
    for (public_url, name, over_tls) in
        [(None, "typed", ""), (Some("https://signalbox.example"), "__Host-typed", "; Secure")]
    {
        let app = TestApp::with(Setup { public_url, ..Setup::default() }).await;
        let mut browser = app.browser();
        // A password in the wrong field.
        let answer = browser.post("/login", &[("email", "P@ss word;1"), ("password", "")]).await;
        assert_eq!(answer.location(), "/login?problem=email_malformed");
        let attributes = format!("HttpOnly; SameSite=Lax{over_tls}; Path=/");
        assert_eq!(answer.cookies(), [format!("{name}=email=P%40ss%20word%3B1; {attributes}; Max-Age=60")]);
        let page = browser.get(answer.location()).await;
        assert!(page.body.contains("value=\"P@ss word;1\""), "{}", page.body);
        assert_eq!(page.cookies(), [format!("{name}=; {attributes}; Max-Age=0")]);
        let again = browser.get(answer.location()).await;
        assert!(!again.body.contains("P@ss") && again.cookies().is_empty());
    }
}

#[tokio::test]
async fn an_address_with_a_plus_and_hostile_text_come_back_as_typed() {
    let app = TestApp::new().await;
    for (typed, shown) in [
        ("ada+x%41@contoso.example", "value=\"ada+x%41@contoso.example\""),
        ("\"><script>alert(1)</script>@x", "value=\"&quot;>&lt;script"),
    ] {
        let mut browser = app.browser();
        let answer = browser.post("/login", &[("email", typed), ("password", "wrong")]).await;
        let page = browser.get(answer.location()).await;
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
        assert!(page.body.replace("&gt;", ">").contains(shown), "{typed}");
    }
}

#[tokio::test]
async fn a_crafted_problem_shows_none_of_its_own_text() {
    let app = TestApp::new().await;
    let page = app.browser().get("/login?problem=Call%20555-1234&email=a").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("555-1234"));
}

#[tokio::test]
async fn the_session_is_a_new_one() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    // Planted by somebody who knows it.
    browser.cookies.insert("id".to_owned(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    browser.post("/login", &credentials("support@vendor.example")).await;
    let first = browser.cookies["id"].clone();
    assert_ne!(first, "AAAAAAAAAAAAAAAAAAAAAA");
    browser.post("/login", &credentials("release@vendor.example")).await;
    let second = browser.cookies["id"].clone();
    assert_ne!(first, second);
    browser.cookies.insert("id".to_owned(), first);
    assert_eq!(browser.get("/settings").await.status, StatusCode::SEE_OTHER, "the one before has ended");
    browser.cookies.insert("id".to_owned(), second);
    assert_eq!(browser.get("/").await.location(), "/rollouts");
}

#[tokio::test]
async fn known_and_unknown_accounts_are_answered_alike() {
    let app = TestApp::new().await;
    let mut answers = Vec::new();
    for email in ["admin@contoso.example", "nobody@contoso.example"] {
        let mut given = Vec::new();
        for _ in 0..7 {
            let answer = app.browser().post("/login", &[("email", email), ("password", "wrong")]).await;
            let kept = answer.cookies().join("\n").replace("admin", "WHO").replace("nobody", "WHO");
            given.push((answer.status, answer.location().to_owned(), kept, answer.body, answer.headers.len()));
        }
        answers.push(given);
    }
    assert_eq!(answers[0], answers[1]);
    let problems: Vec<bool> = answers[0].iter().map(|answer| answer.1.contains("sign_in_throttled")).collect();
    assert_eq!(problems, [false, false, false, false, false, true, true]);
}

#[tokio::test]
async fn a_throttled_account_opens_again_after_its_wait_and_not_before() {
    let app = TestApp::new().await;
    let wrong = [("email", "admin@contoso.example"), ("password", "wrong")];
    for _ in 0..5 {
        app.browser().post("/login", &wrong).await;
    }
    let right = credentials("admin@contoso.example");
    let answer = app.browser().post("/login", &right).await;
    assert!(answer.location().contains("sign_in_throttled"), "even with the right password");
    app.session_clock.advance(TimeDelta::seconds(61));
    assert_eq!(app.browser().post("/login", &right).await.location(), "/notifications");
}

#[tokio::test]
async fn one_address_may_not_try_without_end() {
    let app = TestApp::with(Setup { sign_ins_per_minute: 3, ..Setup::default() }).await;
    let mut throttled = 0;
    for number in 0..6 {
        let email = format!("nobody{number}@contoso.example");
        let answer = app.browser().post("/login", &[("email", &email), ("password", "wrong")]).await;
        throttled += usize::from(answer.location().contains("sign_in_throttled"));
    }
    assert_eq!(throttled, 3);
    assert_eq!(app.browser().get("/login").await.status, StatusCode::OK, "looking at the form is free");
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused_plainly() {
    let app = TestApp::new().await;
    let request = axum::http::Request::post("/login")
        .header("content-type", "application/json")
        .body(axum::body::Body::from("{\"email\": 1}"))
        .unwrap();
    assert_eq!(app.browser().send(request).await.status, StatusCode::BAD_REQUEST);
}
