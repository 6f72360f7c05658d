//! POST /logout: ends the session in the database and in the browser.

use crate::refusal::Refusal;
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;

pub async fn sign_out(session: Session) -> Response {
    match session.flush().await {
        Ok(()) => Redirect::to("/login").into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "ending a session failed");
            Refusal::Unavailable.into_response()
        }
    }
}
