//! GET /healthz: the process answers. GET /readyz: it can do its work.

use crate::state::AppState;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub async fn healthz() -> &'static str {
    "ok"
}

pub async fn readyz(State(state): State<AppState>) -> Response {
    match state.db.migration_status().await {
        Ok(changes) if changes.iter().all(|(_, applied)| *applied) => "ready".into_response(),
        Ok(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "the schema is not up to date; run `signalbox migrate`").into_response()
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response()
        }
    }
}
