//! Refuses what another site makes a browser send. `CsrfLayer` compares Fetch Metadata and Origin; this file adds its
//! configuration and the one case that it leaves open: a request with a session cookie and neither header.

use crate::config::HttpConfig;
use crate::refusal::Refusal;
use crate::session::cookie::carries_session;
use axum::extract::Request;
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::csrf::{CsrfLayer, ProtectionError};

pub type RejectionFn = fn(ProtectionError) -> Response;

/// Behind a proxy that rewrites `Host`, the public origin has to be known to be recognised.
pub fn layer(config: &HttpConfig) -> CsrfLayer<RejectionFn> {
    let layer = CsrfLayer::new();
    let layer = match config.public_origin() {
        Some(origin) => layer.clone().add_trusted_origin(&origin).unwrap_or_else(|error| {
            tracing::warn!(%error, "the public address is not taken as a trusted origin");
            layer
        }),
        None => layer,
    };
    layer.with_rejection_response(reject as RejectionFn)
}

#[expect(clippy::needless_pass_by_value, reason = "the layer calls it with the value")]
fn reject(error: ProtectionError) -> Response {
    tracing::warn!(%error, "refused a request from another origin");
    Refusal::ForeignOrigin.into_response()
}

/// Programs that send neither header exist, but they have no business with a browser's session.
pub async fn refuse_unlabelled(request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let headers = request.headers();
    let labelled = ["sec-fetch-site", header::ORIGIN.as_str()]
        .iter()
        .any(|name| headers.get(*name).is_some_and(|value| !value.is_empty()));
    if !safe && !labelled && carries_session(headers) {
        tracing::warn!("refused a request with a session and without an origin");
        return Refusal::ForeignOrigin.into_response();
    }
    next.run(request).await
}
