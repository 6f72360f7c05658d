//! POST /api/v1/agent/orders/{id}/begin: an agent takes its order.

use super::body::{Body, Named};
use super::order_show::OrderBody;
use super::problem::Problem;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Extension, State};
use domain::ids::UpdateId;
use serde::Deserialize;
use services::CallerContext;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginBody {
    /// As the order says.
    attempt: u8,
}

/// Take an order
///
/// From here on the environment may be touched, no later than `valid_until` of the answer. Asked twice, it answers twice
/// the same. After a halt it is refused, and nothing may be touched.
#[utoipa::path(
    post,
    path = "/api/v1/agent/orders/{id}/begin",
    tag = "agent",
    params(("id" = String, Path, description = "The `order` of the order.")),
    request_body = BeginBody,
    responses(
        (status = 200, description = "The order is taken.", body = OrderBody),
        (status = 409, description = "It may not begin: `not-now` (a halt, the end of the night, a later build), \
            `another-attempt`, or `not-open`.", body = Problem, content_type = "application/problem+json"),
        (status = "4XX", description = "It was refused.", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not just now.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn order_begin(
    State(state): State<AppState>,
    Extension(ctx): Extension<CallerContext>,
    Named(id): Named<UpdateId>,
    Body(body): Body<BeginBody>,
) -> Result<Json<OrderBody>, Problem> {
    let order = state.services.begin_order(&ctx, id, body.attempt).await??;
    Ok(Json(OrderBody::of(&order, ctx.now)))
}
