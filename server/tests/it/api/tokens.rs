//! Tokens open the API and nothing else, and nothing else opens the API.

use super::{Api, problem};
use crate::harness::TestApp;
use axum::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use domain::permission::Role;
use domain::token::{TokenKind, TokenReach};
use serde_json::json;
use server::permissions::{Access, PAGES, PROGRAMS};

const ORDER: &str = "/api/v1/agent/order";

#[tokio::test]
async fn without_a_valid_token_nothing_is_said() {
    let mut api = Api::new().await;
    let valid = api.agent(api.dev()).await;
    let (wrong, cut) = (valid.to_uppercase(), valid[..40].to_owned());
    for (path, access) in PROGRAMS {
        let methods = if path.ends_with("/order") { Method::GET } else { Method::POST };
        for token in [None, Some("x"), Some(wrong.as_str()), Some(cut.as_str())] {
            let answer = api.ask(methods.clone(), path, token, None).await;
            assert_eq!(problem(&answer), (StatusCode::UNAUTHORIZED, "no-token".into()), "{path} {access:?}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    let answer = api.order(&valid).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("x-signalbox-time").parse::<DateTime<Utc>>().unwrap(), api.world.now());
}

#[tokio::test]
async fn each_route_takes_its_own_kind_of_token() {
    let mut api = Api::new().await;
    let agent = api.agent(api.dev()).await;
    let signals = api.token(TokenKind::ListeningSystem, TokenReach::Signals).await;
    for (path, access) in PROGRAMS {
        let Access::Program(kinds) = access else { panic!("{path}") };
        let reads = ["/order", "/flights", "/why"].iter().any(|end| path.ends_with(end));
        let method = if reads { Method::GET } else { Method::POST };
        for (kind, token) in [(TokenKind::Agent, &agent), (TokenKind::ListeningSystem, &signals)] {
            let answer = api.ask(method.clone(), path, Some(token), None).await;
            assert_eq!(answer.status == StatusCode::FORBIDDEN, !kinds.contains(&kind), "{path} {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_session_opens_no_route_of_programs_and_a_token_no_page() {
    let app = TestApp::new().await;
    for role in Role::ALL {
        let mut browser = app.signed_in_as(role).await;
        let answer = browser.get(ORDER).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{role:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let mut api = Api::new().await;
    let token = api.agent(api.dev()).await;
    for (pattern, access) in PAGES.iter().filter(|(_, access)| *access != Access::SignIn) {
        let answer = api.ask(Method::GET, pattern, Some(&token), None).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{pattern} {access:?}");
    }
    let call = api.ask(Method::GET, "/api/shell/show", Some(&token), None).await;
    assert_eq!(call.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_foreign_environment_does_not_exist() {
    let mut api = Api::new().await;
    let (dev, uat) = (api.dev(), api.world.environment_id(api.world.contoso, "UAT"));
    let foreign = api.world.environment_id(api.world.fabrikam, "UAT");
    let one = api.agent(dev).await;
    let all = api.token(TokenKind::Agent, TokenReach::Customer { customer: api.world.contoso }).await;
    for (token, environment, expected) in [
        (&one, dev, StatusCode::NO_CONTENT),
        (&one, uat, StatusCode::NOT_FOUND),
        (&one, foreign, StatusCode::NOT_FOUND),
        (&all, uat, StatusCode::NO_CONTENT),
        (&all, foreign, StatusCode::NOT_FOUND),
    ] {
        let answer = api.ask(Method::GET, &format!("{ORDER}?environment={environment}"), Some(token), None).await;
        assert_eq!(answer.status, expected, "{environment}");
    }
    let unnamed = api.order(&all).await;
    assert_eq!(problem(&unnamed), (StatusCode::UNPROCESSABLE_ENTITY, "invalid".into()));
    let nonsense = api.ask(Method::GET, &format!("{ORDER}?environment=1"), Some(&one), None).await;
    assert_eq!(problem(&nonsense).1, "invalid");
    // An order of Contoso's, asked for by Fabrikam's agent.
    api.start().await;
    api.run_until_ordered(dev).await;
    let order = api.update(dev).await.id.to_string();
    let theirs = api.agent(foreign).await;
    assert_eq!(problem(&api.begin(&theirs, &order, 1).await), (StatusCode::NOT_FOUND, "not-found".into()));
    let report = json!({
        "report_id": "00000000-0000-0000-0000-000000000001", "order": order, "attempt": 1, "sequence": 1,
        "at": api.world.now(), "state": "healthy"
    });
    assert_eq!(problem(&api.report(&theirs, &report).await).0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_token_that_asks_too_often_is_told_to_wait() {
    let mut api = Api::with(3).await;
    let (token, other) = (api.agent(api.dev()).await, api.token(TokenKind::ListeningSystem, TokenReach::Signals).await);
    for _ in 0..3 {
        assert_eq!(api.order(&token).await.status, StatusCode::NO_CONTENT);
    }
    let refused = api.order(&token).await;
    assert_eq!(problem(&refused), (StatusCode::TOO_MANY_REQUESTS, "too-many-requests".into()));
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(api.order(&other).await.status, StatusCode::FORBIDDEN, "each token has its own allowance");
}

#[tokio::test]
async fn other_origins_do_not_matter_where_no_cookie_does() {
    let mut api = Api::new().await;
    let token = api.agent(api.dev()).await;
    api.browser.headers.insert("origin", "https://pipeline.example".parse().unwrap());
    api.browser.headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(problem(&api.report(&token, &json!({})).await).1, "invalid");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let mut api = Api::new().await;
    for path in ["/api/v1/nothing", "/api/v1/agent", "/api/v1/agent/orders/x/y/z"] {
        assert_eq!(problem(&api.ask(Method::GET, path, None, None).await), (StatusCode::NOT_FOUND, "not-found".into()));
    }
}
