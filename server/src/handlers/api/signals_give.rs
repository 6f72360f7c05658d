//! POST /api/v1/signals: a listening system says how environments are used.

use super::body::Body;
use super::problem::{Problem, ProblemKind};
use crate::state::AppState;
use axum::Json;
use axum::extract::{Extension, State};
use chrono::{DateTime, Utc};
use domain::health::telemetry::UncheckedSample;
use domain::ids::EnvironmentId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use services::CallerContext;
use services::signal::SampleRefused;
use utoipa::ToSchema;

/// 200 bytes each fill half of the 64 KiB that a request may have.
const SAMPLES_MAX: usize = 256;

/// Up to 256 samples. Each is taken or refused by itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalsBody {
    #[schema(value_type = Vec<SampleBody>, max_items = 256)]
    samples: Vec<Value>,
}

/// How one environment was used in an interval. Who reports more often than hourly sends the hour so far, from its start.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SampleBody {
    #[schema(value_type = String, example = "env_01ja0000000000000000000000")]
    environment: EnvironmentId,
    from: DateTime<Utc>,
    /// Not included; at most 24 hours after `from`.
    to: DateTime<Utc>,
    /// Requests or transactions.
    usage: u64,
    /// Of them: failed.
    errors: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedBody {
    /// Its place in the batch, from 0.
    index: usize,
    reason: String,
}

impl From<SampleRefused> for RefusedBody {
    fn from(refused: SampleRefused) -> Self {
        Self { index: refused.index, reason: refused.reason }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TakenBody {
    accepted: usize,
    /// None of these is taken if it is sent again as it is.
    refused: Vec<RefusedBody>,
}

/// Say how environments are used
///
/// Samples may come twice, late and in any order: the same samples make the same hours. Gates look at them where their
/// policy says so; an hour of which nothing is heard is not enough evidence.
#[utoipa::path(
    post,
    path = "/api/v1/signals",
    tag = "signals",
    request_body = SignalsBody,
    responses(
        (status = 200, description = "What is not refused is kept.", body = TakenBody),
        (status = "4XX", description = "Nothing was taken.", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not just now; send it again.", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub async fn signals_give(
    State(state): State<AppState>,
    Extension(ctx): Extension<CallerContext>,
    Body(body): Body<SignalsBody>,
) -> Result<Json<TakenBody>, Problem> {
    let given = body.samples.len();
    if given > SAMPLES_MAX {
        return Err(Problem::with(ProblemKind::Invalid, format!("A batch holds at most {SAMPLES_MAX} samples.")));
    }
    let (mut samples, mut refused) = (Vec::with_capacity(given), Vec::new());
    for (index, sample) in body.samples.into_iter().enumerate() {
        match serde_json::from_value::<SampleBody>(sample) {
            Ok(SampleBody { environment, from, to, usage, errors }) => {
                let source = ctx.caller.name.clone();
                samples.push((index, UncheckedSample { environment, from, to, usage, errors, source }));
            }
            Err(error) => refused.push(RefusedBody { index, reason: error.to_string() }),
        }
    }
    refused.extend(state.services.take_samples(&ctx, samples).await?.into_iter().map(RefusedBody::from));
    refused.sort_by_key(|refused| refused.index);
    Ok(Json(TakenBody { accepted: given - refused.len(), refused }))
}
