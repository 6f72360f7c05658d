//! One line in the log for each answer. Queries, headers and bodies are never logged: they carry what people typed.

use super::request_id::RequestId;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::Instrument;

pub async fn trace(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    async {
        let begin = Instant::now();
        let response = next.run(request).await;
        let (status, micros) = (response.status().as_u16(), begin.elapsed().as_micros());
        if response.status().is_server_error() {
            tracing::error!(status, micros, "answered");
        } else {
            tracing::debug!(status, micros, "answered");
        }
        response
    }
    .instrument(span)
    .await
}
