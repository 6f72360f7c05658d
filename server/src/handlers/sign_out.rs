//! POST /logout: ends the session in the database and in the browser.

use crate::refusal::Refusal;
use crate::session::who::context;
use crate::state::AppState;
use app::api::context::SignedIn;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;

pub async fn sign_out(
    State(state): State<AppState>,
    Extension(signed_in): Extension<SignedIn>,
    session: Session,
) -> Response {
    let ctx = context(&state.services, &signed_in);
    if let Err(error) = state.services.sign_out(&ctx, &signed_in.session_hash).await {
        tracing::error!(error = &error as &dyn std::error::Error, "ending a session failed");
        return Refusal::Unavailable.into_response();
    }
    // The row is gone; this takes the cookie from the browser, too.
    if let Err(error) = session.flush().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "a browser kept the cookie of an ended session");
    }
    Redirect::to("/login").into_response()
}
