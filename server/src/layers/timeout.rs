//! Gives up a request that takes too long. Streams are meant to stay open and are left alone.

use crate::refusal::Refusal;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// Far above the slowest page, below what proxies wait.
const REQUEST_SECONDS_MAX: u64 = 20;

pub async fn timeout(request: Request, next: Next) -> Response {
    match tokio::time::timeout(Duration::from_secs(REQUEST_SECONDS_MAX), next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::TooSlow.into_response(),
    }
}
