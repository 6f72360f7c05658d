//! Under `/api/v1` whatever is refused is a problem, also where a layer around the routes refused it.

use crate::handlers::api::problem::{CONTENT_TYPE, Problem, ProblemKind};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

pub async fn problem(request: Request, next: Next) -> Response {
    let of_programs = request.uri().path().starts_with("/api/v1/");
    let response = next.run(request).await;
    let refused = response.status().is_client_error() || response.status().is_server_error();
    if !of_programs || !refused || response.headers().get(header::CONTENT_TYPE) == Some(&CONTENT_TYPE) {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let (own, body) = Problem::of(ProblemKind::of_status(parts.status)).into_response().into_parts();
    for name in [header::CONTENT_LENGTH, header::CONTENT_ENCODING] {
        parts.headers.remove(name);
    }
    parts.headers.extend(own.headers);
    Response::from_parts(parts, Body::new(body))
}
