//! Which flights are off for an environment: known to its agent whether it has an order or not.

use super::{Api, done, problem, read};
use axum::http::{Method, StatusCode};
use domain::flight::Flight;
use domain::ids::{EnvironmentId, FlightId};
use domain::permission::Role;
use domain::token::{TokenKind, TokenReach};
use serde_json::json;
use services::FlightForm;

/// `posting` and `taxes`, both on.
async fn with_flights() -> (Api, FlightId, FlightId) {
    let api = Api::new().await;
    let services = &api.world.services;
    let build = store::build::list(services.db().reader()).await.unwrap()[0].id;
    let ids = ["posting", "taxes"].map(|_| FlightId::new(services.ids().uuid()));
    let tx = services.db().begin().await.unwrap();
    for (id, key) in ids.into_iter().zip(["posting", "taxes"]) {
        let flight = Flight {
            id,
            key: key.into(),
            title: key.into(),
            owner: "Finance".into(),
            build,
            remove_on: "2026-12-31".parse().unwrap(),
            switches: Vec::new(),
        };
        store::flight::insert(&tx, &flight, api.world.now()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let [posting, taxes] = ids;
    (api, posting, taxes)
}

/// Empty: everywhere.
async fn turn(api: &Api, flight: FlightId, on: bool, customer: &str) {
    let manager = api.world.as_role(Role::ReleaseManager).await.unwrap();
    let form = FlightForm { on, customer: customer.into(), reason: "posting fails".into() };
    done(&api.world.services.turn_flight(&manager, flight, &form).await.unwrap());
}

fn path(id: EnvironmentId) -> String {
    format!("/api/v1/environments/{id}/flights")
}

async fn assert_off(api: &mut Api, token: &str, id: EnvironmentId, off: &[&str]) {
    let answer = api.ask(Method::GET, &path(id), Some(token), None).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(read(&answer), json!({ "environment": id, "flights_off": off }));
}

#[tokio::test]
async fn what_is_off_is_known_for_everybody_and_for_one_customer() {
    let (mut api, posting, taxes) = with_flights().await;
    let (dev, foreign) = (api.dev(), api.world.environment_id(api.world.fabrikam, "UAT"));
    let (own, theirs) = (api.agent(dev).await, api.agent(foreign).await);
    assert_off(&mut api, &own, dev, &[]).await;
    turn(&api, taxes, false, "Contoso").await;
    assert_off(&mut api, &own, dev, &["taxes"]).await;
    assert_off(&mut api, &theirs, foreign, &[]).await;
    turn(&api, posting, false, "").await;
    assert_off(&mut api, &own, dev, &["posting", "taxes"]).await;
    assert_off(&mut api, &theirs, foreign, &["posting"]).await;
    turn(&api, posting, true, "Fabrikam").await;
    assert_off(&mut api, &own, dev, &["posting", "taxes"]).await;
    assert_off(&mut api, &theirs, foreign, &[]).await;
    turn(&api, taxes, true, "").await;
    assert_off(&mut api, &own, dev, &["posting"]).await;
}

#[tokio::test]
async fn an_order_says_the_same_and_is_not_needed() {
    let (mut api, posting, _) = with_flights().await;
    let (dev, token) = (api.dev(), api.agent(api.dev()).await);
    turn(&api, posting, false, "").await;
    assert_off(&mut api, &token, dev, &["posting"]).await;
    let spoke = store::agent::find(api.world.services.db().reader(), dev).await.unwrap();
    assert!(spoke.is_none(), "who looks at flights alone takes no updates over: {spoke:?}");
    assert_eq!(api.order(&token).await.status, StatusCode::NO_CONTENT);
    assert_off(&mut api, &token, dev, &["posting"]).await;
    api.start().await;
    api.run_until_ordered(dev).await;
    assert_eq!(read(&api.order(&token).await)["flights_off"], json!(["posting"]));
    api.halt().await;
    assert_off(&mut api, &token, dev, &["posting"]).await;
}

#[tokio::test]
async fn a_foreign_environment_does_not_exist() {
    let mut api = Api::new().await;
    let (dev, uat) = (api.dev(), api.world.environment_id(api.world.contoso, "UAT"));
    let foreign = api.world.environment_id(api.world.fabrikam, "UAT");
    let one = api.agent(dev).await;
    let all = api.token(TokenKind::Agent, TokenReach::Customer { customer: api.world.contoso }).await;
    assert_off(&mut api, &all, uat, &[]).await;
    let none = "env_00000000000000000000000001".to_owned();
    for (token, id) in [
        (&one, uat.to_string()),
        (&one, foreign.to_string()),
        (&all, foreign.to_string()),
        (&all, none),
        (&all, "DEV".to_owned()),
    ] {
        let answer = api.ask(Method::GET, &format!("/api/v1/environments/{id}/flights"), Some(token), None).await;
        assert_eq!(problem(&answer), (StatusCode::NOT_FOUND, "not-found".into()), "{id}");
    }
    let unknown = api.ask(Method::GET, &path(dev), Some("x"), None).await;
    assert_eq!(problem(&unknown), (StatusCode::UNAUTHORIZED, "no-token".into()));
    let listening = api.token(TokenKind::ListeningSystem, TokenReach::Signals).await;
    let other = api.ask(Method::GET, &path(dev), Some(&listening), None).await;
    assert_eq!(problem(&other), (StatusCode::FORBIDDEN, "other-token".into()));
}
