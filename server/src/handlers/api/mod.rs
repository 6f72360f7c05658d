//! What programs ask under `/api/v1`: agents, pipelines, listening systems. One file a route; routes and their
//! description in `/openapi.json` come from the same place. Who may ask is in `permissions.rs`, refusals are in `problem`.
//! Not here: what it means (`services`), sessions (programs have tokens, and a session opens nothing here).

mod body;
mod environment_flights;
mod environment_why;
mod incident_open;
mod order_begin;
mod order_show;
pub mod problem;
mod report_give;
mod signals_give;

use crate::layers::bearer;
use crate::state::AppState;
use axum::Router;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use problem::{Problem, ProblemKind};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, OpenApi as Document};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What is under `/api/v1` and has no route.
pub const REST: &str = "/api/v1/{*rest}";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Signalbox",
        description = "What agents, pipelines and listening systems ask of Signalbox. Every answer that is not a success \
                       is a problem as in RFC 9457."
    ),
    security(("token" = [])),
    modifiers(&Token)
)]
struct Description;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut Document) {
        let scheme = Http::builder()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("Made by an operator with `signalbox token add`."))
            .build();
        let components = document.components.get_or_insert_with(Components::new);
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(order_show::order_show))
        .routes(routes!(order_begin::order_begin))
        .routes(routes!(report_give::report_give))
        .routes(routes!(environment_flights::environment_flights))
        .routes(routes!(environment_why::environment_why))
        .routes(routes!(incident_open::incident_open))
        .routes(routes!(signals_give::signals_give))
}

/// The description of every route here.
pub fn document() -> Document {
    described().into_openapi()
}

pub fn routes(state: &AppState) -> Router<AppState> {
    let (router, document) = described().split_for_parts();
    router
        .route(REST, any(nothing_here))
        .route("/openapi.json", get(move || std::future::ready(write(&document))))
        .layer(from_fn_with_state(state.clone(), bearer::bearer))
}

async fn nothing_here() -> Problem {
    Problem::of(ProblemKind::NotFound)
}

fn write(document: &Document) -> Response {
    match document.to_json() {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Err(error) => {
            tracing::error!(%error, "the description of the API cannot be written");
            Problem::of(ProblemKind::Broken).into_response()
        }
    }
}
