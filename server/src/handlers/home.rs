//! GET /: there is no page here; each role has its own first page.

use app::api::context::SignedIn;
use axum::extract::Extension;
use axum::response::{IntoResponse, Redirect, Response};

pub async fn home(Extension(signed_in): Extension<SignedIn>) -> Response {
    Redirect::to(app::routes::home(signed_in.actor.role)).into_response()
}
