//! GET /api/v1/agent/order: what an environment has to do now, or nothing.

use super::body::Asked;
use super::problem::Problem;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use domain::calendar::Night;
use domain::ids::{EnvironmentId, UpdateId};
use domain::release::BuildVersion;
use serde::{Deserialize, Serialize};
use services::CallerContext;
use services::agent::{AgentOrder, Poll};
use services::ports::OrderKind;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrderQuery {
    /// Whose order it is. May be left out where the token is of one environment.
    #[param(value_type = Option<String>, example = "env_01ja0000000000000000000000")]
    environment: Option<EnvironmentId>,
}

/// The night in which the order begins, and no other.
#[derive(Debug, Serialize, ToSchema)]
pub struct NightBody {
    date: NaiveDate,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl From<Night> for NightBody {
    fn from(night: Night) -> Self {
        Self { date: night.date, start: night.start, end: night.end }
    }
}

/// How the build comes there.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WayBody {
    /// Over what runs there, to a later build.
    Forward,
    /// Over what runs there, back to an earlier build.
    Back,
    /// On new infrastructure.
    Redeploy,
}

impl From<OrderKind> for WayBody {
    fn from(kind: OrderKind) -> Self {
        match kind {
            OrderKind::Forward => Self::Forward,
            OrderKind::Back => Self::Back,
            OrderKind::Redeploy { .. } => Self::Redeploy,
        }
    }
}

/// What the environment has to do now.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderBody {
    #[schema(value_type = String, example = "upd_01ja0000000000000000000000")]
    order: UpdateId,
    #[schema(value_type = String, example = "env_01ja0000000000000000000000")]
    environment: EnvironmentId,
    /// Counts from 1. Named in everything that is said of the order.
    attempt: u8,
    #[schema(value_type = String, example = "10.0.2645.147")]
    build: BuildVersion,
    way: WayBody,
    /// Of a redeployment: the data and the configuration are to be those of this instant; null where those of now stay.
    restored_from: Option<DateTime<Utc>>,
    /// Flights that are off in this environment, by key. Every other one is on.
    flights_off: Vec<String>,
    night: NightBody,
    /// It was taken then; null while nobody took it.
    begun_at: Option<DateTime<Utc>>,
    /// Until then it may be taken; one that was taken may begin until then.
    valid_until: DateTime<Utc>,
    /// The same from now on, for agents whose clock is off.
    valid_for_seconds: i64,
}

impl OrderBody {
    pub fn of(order: &AgentOrder, now: DateTime<Utc>) -> Self {
        Self {
            order: order.order,
            environment: order.environment,
            attempt: order.attempt,
            build: order.build,
            way: order.kind.into(),
            restored_from: match order.kind {
                OrderKind::Redeploy { restored_from } => restored_from,
                OrderKind::Forward | OrderKind::Back => None,
            },
            flights_off: order.flights_off.clone(),
            night: order.night.into(),
            begun_at: order.begun_at,
            valid_until: order.valid_until,
            valid_for_seconds: (order.valid_until - now).num_seconds().max(0),
        }
    }

    /// Changes with everything but the passing of time.
    fn tag(&self) -> String {
        let begun = self.begun_at.map_or(0, |at| at.timestamp_millis());
        let flights: [u8; 32] = Sha256::digest(self.flights_off.join("\n")).into();
        let flights = u32::from_be_bytes([flights[0], flights[1], flights[2], flights[3]]);
        let valid_until = self.valid_until.timestamp_millis();
        format!("\"{}-{}-{begun}-{valid_until}-{flights:08x}\"", self.order, self.attempt)
    }
}

/// What this environment has to do now
///
/// Ask again after as many seconds as `Retry-After` says. An order is taken with a second request before anything is
/// touched.
#[utoipa::path(
    get,
    path = "/api/v1/agent/order",
    tag = "agent",
    params(OrderQuery, ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the order that is known.")),
    responses(
        (status = 200, description = "There is an order.", body = OrderBody,
            headers(("ETag" = String, description = "Names this order as it stands."))),
        (status = 204, description = "There is nothing to do.",
            headers(("Retry-After" = u64, description = "Seconds until it should be asked again."))),
        (status = 304, description = "The order is the one that is known."),
        (status = "4XX", description = "It was refused.", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not just now.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn order_show(
    State(state): State<AppState>,
    Extension(ctx): Extension<CallerContext>,
    Asked(query): Asked<OrderQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let order = match state.services.agent_order(&ctx, query.environment).await?? {
        Poll::Order(order) => OrderBody::of(&order, ctx.now),
        Poll::Nothing { wait_seconds } => {
            return Ok(
                (StatusCode::NO_CONTENT, [(header::RETRY_AFTER, HeaderValue::from(wait_seconds))]).into_response()
            );
        }
    };
    let tag = order.tag();
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let headers = [(header::ETAG, tag)];
    Ok(if known { (StatusCode::NOT_MODIFIED, headers).into_response() } else { (headers, Json(order)).into_response() })
}
