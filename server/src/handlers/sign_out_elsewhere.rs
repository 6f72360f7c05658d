//! POST /logout-elsewhere: ends every other session of this person.

use crate::refusal::Refusal;
use crate::session::who::context;
use crate::state::AppState;
use app::api::context::SignedIn;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::wire::problem::FormOutcome;

pub async fn sign_out_elsewhere(State(state): State<AppState>, Extension(signed_in): Extension<SignedIn>) -> Response {
    let ctx = context(&state.services, &signed_in);
    match state.services.end_other_sessions(&ctx, &signed_in.session_hash).await {
        Ok(FormOutcome::Done { .. }) => Redirect::to("/settings?done=sign_out_elsewhere").into_response(),
        Ok(FormOutcome::Refused { problem }) => {
            Redirect::to(&format!("/settings?problem={}", problem.code())).into_response()
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "ending the other sessions failed");
            Refusal::Unavailable.into_response()
        }
    }
}
