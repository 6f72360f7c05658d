//! Why an environment is not updated yet: what its page says.

use super::{Api, problem, read};
use axum::http::{Method, StatusCode};
use domain::ids::EnvironmentId;
use domain::permission::{Actor, Role};

fn path(id: EnvironmentId) -> String {
    format!("/api/v1/environments/{id}/why")
}

/// Of its region.
async fn zone(api: &Api, id: EnvironmentId) -> String {
    let region = api.environment(id).await.region;
    let found = store::catalogue::region(api.world.services.db().reader(), &region).await.unwrap();
    found.unwrap().time_zone
}

#[tokio::test]
async fn a_program_is_told_what_the_page_says() {
    let mut api = Api::new().await;
    let (dev, token) = (api.dev(), api.agent(api.dev()).await);
    for step in 0..3 {
        match step {
            1 => api.start().await,
            2 => api.halt().await,
            _ => {}
        }
        let answer = api.ask(Method::GET, &path(dev), Some(&token), None).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let answer = read(&answer);
        let admin = api.world.as_role(Role::CustomerAdmin).await.unwrap();
        let there = Actor { time_zone: zone(&api, dev).await, ..admin.actor };
        let page = api.world.services.show_environment(&api.world.request(there), dev).await.unwrap();
        let why = answer["why"].as_array().unwrap();
        let told: Vec<&str> = why.iter().map(|why| why["text"].as_str().unwrap()).collect();
        let shown: Vec<&str> = page.why.iter().map(|why| why.text.as_str()).collect();
        assert!(!told.is_empty());
        assert_eq!(told, shown);
        assert_eq!(
            told.iter().any(|text| text.starts_with("Halted by Incident lead of vendor.example: ")),
            step == 2,
            "who, and why: {told:?}"
        );
        let dates: Vec<Option<&str>> = why.iter().map(|why| why["next"].as_str()).collect();
        assert_eq!(dates, page.why.iter().map(|why| why.next.as_deref()).collect::<Vec<_>>());
        assert_eq!(answer["build"], page.build);
        assert_eq!(
            answer["next_at"].is_string(),
            step == 1,
            "nothing is next before the start and in a halt: {answer}"
        );
        assert_eq!(answer["next"]["when"].as_str(), page.next.as_ref().map(|next| next.when.text.as_str()));
    }
}

#[tokio::test]
async fn a_foreign_environment_does_not_exist() {
    let mut api = Api::new().await;
    let token = api.agent(api.dev()).await;
    for id in [api.world.environment_id(api.world.contoso, "UAT"), api.world.environment_id(api.world.fabrikam, "UAT")]
    {
        let answer = api.ask(Method::GET, &path(id), Some(&token), None).await;
        assert_eq!(problem(&answer), (StatusCode::NOT_FOUND, "not-found".into()));
    }
    let nonsense = api.ask(Method::GET, "/api/v1/environments/DEV/why", Some(&token), None).await;
    assert_eq!(problem(&nonsense).1, "not-found");
}
