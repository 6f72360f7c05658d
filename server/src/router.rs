//! The whole HTTP side as one value, so that tests call it without a socket. Routes first, then the layers around them;
//! what is added last is outermost.

use crate::handlers::{
    api, assets, csp_report, dev_reload, events, health, home, sign_in, sign_out, sign_out_elsewhere,
};
use crate::layers::headers::CspNonce;
use crate::layers::{body_limit, client, csrf, guard, headers, nul, panic, problem, request_id, timeout, trace};
use crate::refusal::Refusal;
use crate::session::cookie;
use crate::session::layer::SessionLayer;
use crate::session::store::Sessions;
use crate::session::typed;
use crate::state::AppState;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use leptos::nonce::Nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list_with_exclusions, render_app_async_with_context};
use std::sync::LazyLock;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

/// Of pages, as they are written. The largest, 85 KB: 10.9 KB at the usual 4, 9.6 KB at 6, both within 2 ms; 7 takes
/// many times as long.
const COMPRESSION: CompressionLevel = CompressionLevel::Precise(6);

/// Every page that `app` has. `/` is answered here, by role.
///
/// Made once: while Leptos makes this list, resources of pages that are being written elsewhere in the process do not
/// load (a global switch in `leptos_server`), and those pages never end.
pub fn pages() -> Vec<AxumRouteListing> {
    static PAGES: LazyLock<Vec<AxumRouteListing>> =
        LazyLock::new(|| generate_route_list_with_exclusions(app::App, Some(vec![app::routes::ROOT.to_owned()])));
    PAGES.clone()
}

pub fn router(state: AppState) -> Router {
    let guarded = guarded_routes(&state)
        .layer(from_fn(typed::bring_back))
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .layer(SessionLayer::new(Sessions::new(state.db.clone(), state.session_clock.clone())))
        .layer(from_fn(cookie::complete_removal))
        .layer(from_fn(csrf::refuse_unlabelled))
        .layer(csrf::layer(&state.config));
    guarded
        .merge(assets::routes(&state.config))
        // Outside the session and CSRF layers: programs have tokens, which no browser sends by itself.
        .merge(api::routes(&state))
        // Outside the CSRF layer: browsers report without a session, some without saying from where.
        .route("/csp-report", post(csp_report::csp_report))
        .layer(CompressionLayer::new().quality(COMPRESSION))
        .layer(from_fn(nul::nul))
        .layer(from_fn(body_limit::body_limit))
        .layer(from_fn(timeout::timeout))
        .layer(from_fn_with_state(state.clone(), headers::headers))
        .layer(from_fn_with_state(state.clone(), client::client))
        .layer(CatchPanicLayer::custom(panic::answer))
        .layer(from_fn(problem::problem))
        .layer(from_fn(trace::trace))
        .layer(from_fn_with_state(state.clone(), request_id::request_id))
        .with_state(state)
}

fn guarded_routes(state: &AppState) -> Router<AppState> {
    let context = {
        let state = state.clone();
        move || page_context(&state)
    };
    let shell = {
        let options = state.options.clone();
        move || app::shell(options.clone())
    };
    let routes = Router::new()
        .leptos_routes_with_context(state, pages(), context, shell)
        .route("/", get(home::home))
        .route("/login", post(sign_in::sign_in))
        .route("/logout", post(sign_out::sign_out))
        .route("/logout-elsewhere", post(sign_out_elsewhere::sign_out_elsewhere))
        .route("/events", get(events::events))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz));
    let routes = if state.config.dev { routes.route("/dev/reload", get(dev_reload::dev_reload)) } else { routes };
    routes.fallback(nothing_here)
}

/// What pages and server functions find in the context of Leptos.
fn page_context(state: &AppState) {
    provide_context(state.services.clone());
    let nonce = use_context::<Parts>().and_then(|parts| parts.extensions.get::<CspNonce>().cloned());
    if let Some(CspNonce(nonce)) = nonce {
        provide_context(Nonce::from_value(nonce));
    }
}

/// An address without a route. The page that says so stands in the usual frame.
async fn nothing_here(State(state): State<AppState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) || request.uri().path().starts_with("/api/") {
        return Refusal::NoSuchAddress.into_response();
    }
    let options = state.options.clone();
    let context = move || page_context(&state);
    let mut response = render_app_async_with_context(context, move || app::shell(options.clone()))(request).await;
    if response.status().is_success() {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
