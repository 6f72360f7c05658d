//! GET /api/v1/environments/{id}/flights: which flights are off there, with an order or without.

use super::body::Named;
use super::problem::Problem;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Extension, State};
use domain::ids::EnvironmentId;
use serde::Serialize;
use services::CallerContext;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct FlightsBody {
    #[schema(value_type = String, example = "env_01ja0000000000000000000000")]
    environment: EnvironmentId,
    /// Flights that are off in this environment, by key. Every other one is on.
    flights_off: Vec<String>,
}

/// Which flights are off there now
///
/// The same as in an order, for flights that are turned while there is none. Ask as often as for the order, and set what
/// differs: a flight that is turned off may be the way out of a halt.
#[utoipa::path(
    get,
    path = "/api/v1/environments/{id}/flights",
    tag = "environments",
    params(("id" = String, Path, description = "The environment.")),
    responses(
        (status = 200, description = "The answer.", body = FlightsBody),
        (status = "4XX", description = "It was refused.", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not just now.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn environment_flights(
    State(state): State<AppState>,
    Extension(ctx): Extension<CallerContext>,
    Named(id): Named<EnvironmentId>,
) -> Result<Json<FlightsBody>, Problem> {
    let flights_off = state.services.agent_flights(&ctx, id).await??;
    Ok(Json(FlightsBody { environment: id, flights_off }))
}
