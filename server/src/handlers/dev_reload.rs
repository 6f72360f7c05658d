//! GET /dev/reload, in development only: a stream that says nothing and breaks off when the server stops, which is
//! when `public/dev-reload.js` reloads the page.

use crate::state::AppState;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::Stream;
use futures::stream::{StreamExt, pending};
use std::convert::Infallible;

pub async fn dev_reload(State(state): State<AppState>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let stopped = state.shutdown.clone().cancelled_owned();
    Sse::new(pending().take_until(stopped)).keep_alive(KeepAlive::default())
}
