//! `/openapi.json` describes every route, and nothing that is not there.

use super::{Api, read};
use axum::http::Method;
use server::permissions::PROGRAMS;
use std::collections::BTreeSet;

#[tokio::test]
async fn every_route_is_described_and_every_described_route_exists() {
    let mut api = Api::new().await;
    let answer = api.ask(Method::GET, "/openapi.json", None, None).await;
    assert_eq!(answer.header("content-type"), "application/json");
    let document = read(&answer);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let described: BTreeSet<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let declared: BTreeSet<&str> = PROGRAMS.iter().map(|(path, _)| *path).collect();
    assert_eq!(described, declared);
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let name = method.to_uppercase().parse::<Method>().unwrap();
            let answer = api.ask(name, path, None, None).await;
            assert_eq!(answer.status.as_u16(), 401, "{method} {path} exists and wants a token");
            assert!(operation["summary"].is_string() && operation["description"].is_string(), "{method} {path}");
            for refusal in ["4XX", "5XX"] {
                let schema = &operation["responses"][refusal]["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{method} {path} {refusal}");
            }
        }
    }
}

/// A schema that is pointed at and missing would stop every generator.
#[tokio::test]
async fn every_schema_that_is_pointed_at_is_there() {
    let mut api = Api::new().await;
    let document = read(&api.ask(Method::GET, "/openapi.json", None, None).await);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let text = document.to_string();
    let named: BTreeSet<&str> =
        text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(named.len() > 4, "{named:?}");
    assert!(named.iter().all(|name| schemas.contains_key(*name)), "{named:?}");
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}
