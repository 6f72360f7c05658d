//! The version finder.

use super::stage;
use domain::permission::Role;
use domain::wire::deployment::{DeploymentsParams, DeploymentsView};

async fn search(stage: &super::Stage, params: DeploymentsParams) -> DeploymentsView {
    let support = stage.as_role(Role::Support).await.unwrap();
    stage.services.search_deployments(&support, &params).await.unwrap()
}

fn text(q: &str) -> DeploymentsParams {
    DeploymentsParams { q: q.into(), ..DeploymentsParams::default() }
}

#[tokio::test]
async fn a_version_finds_where_it_runs_and_the_matrix_agrees_with_the_rows() {
    let stage = stage().await;
    let view = search(&stage, text("10.0.2645")).await;
    assert_eq!(view.total, Some(8));
    assert_eq!(view.rows.len(), 8);
    assert_eq!(view.stations, [1, 2, 3, 4, 5, 6, 0]);
    assert_eq!(view.matrix.len(), 1);
    let row = &view.matrix[0];
    assert_eq!((row.build.as_str(), row.train.as_str()), ("10.0.2645.136", "PQU-6"));
    // DEV opted in early: station 1. LAB has no station.
    assert_eq!(row.counts, [1, 0, 0, 6, 0, 0, 1]);
    assert_eq!(row.total, 8);
    assert_eq!(search(&stage, text("")).await.total, Some(9));
}

#[tokio::test]
async fn a_name_finds_customers_and_environments_and_shows_no_matrix_that_would_contradict() {
    let stage = stage().await;
    let view = search(&stage, text("fabri")).await;
    assert_eq!(view.rows.len(), 3);
    assert!(view.matrix.is_empty() && view.total.is_none());
    assert_eq!(view.understood, "Customers and environments whose name contains “fabri”");
    assert_eq!(search(&stage, text("legacy")).await.rows[0].service_update, "10.0.47");
}

#[tokio::test]
async fn places_filter_rows_and_matrix_alike() {
    let stage = stage().await;
    let nowhere = search(&stage, DeploymentsParams { station: "none".into(), ..text("") }).await;
    assert_eq!((nowhere.rows.len(), nowhere.total), (1, Some(1)));
    assert_eq!((nowhere.rows[0].name.as_str(), nowhere.rows[0].station), ("LAB", None));
    let here = search(&stage, DeploymentsParams { region: "east-us".into(), kind: "sandbox".into(), ..text("") }).await;
    assert_eq!((here.rows.len(), here.total), (1, Some(1)));
    assert!(here.regions.iter().any(|(slug, name)| slug == "east-us" && name == "East US"));
}

#[tokio::test]
async fn counters_follow_the_updates() {
    let stage = stage().await;
    stage.start().await;
    stage.run_until("2026-10-27T08:00:00Z").await;
    let view = search(&stage, text("10.0.2645.147")).await;
    assert_eq!(view.total, Some(view.rows.len() as u64));
    assert_eq!(view.total, Some(7), "all on 10.0.48 but LAB");
    let held = search(&stage, DeploymentsParams { state: "held".into(), ..text("") }).await;
    assert_eq!(held.rows.len(), 1);
    assert!(held.rows[0].state_text.contains("belongs to no station"), "{}", held.rows[0].state_text);
}
