//! POST /api/v1/agent/reports: an agent says how far it is.

use super::body::Body;
use super::problem::{Problem, ProblemKind};
use crate::state::AppState;
use axum::Json;
use axum::extract::{Extension, State};
use chrono::{DateTime, Utc};
use domain::agent::{Report, Said};
use domain::ids::{EnvironmentId, UpdateId};
use domain::release::BuildVersion;
use serde::{Deserialize, Serialize};
use services::CallerContext;
use services::agent::AgentReport;
use utoipa::ToSchema;
use uuid::Uuid;

const REASON_CHARS_MAX: usize = 200;
const DETAIL_CHARS_MAX: usize = 4_000;

/// What an agent has to say. Sent until it is acknowledged: the same report again, with the same id, changes nothing.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReportBody {
    /// Chosen by the agent, once for each report.
    report_id: Uuid,
    /// May be left out where the token is of one environment.
    #[schema(value_type = Option<String>, example = "env_01ja0000000000000000000000")]
    environment: Option<EnvironmentId>,
    /// Of everything but `running_version`.
    #[schema(value_type = Option<String>, example = "upd_01ja0000000000000000000000")]
    order: Option<UpdateId>,
    /// Of everything but `running_version`.
    attempt: Option<u8>,
    /// Counts the agent's reports upwards.
    #[schema(maximum = 9_007_199_254_740_991_u64)]
    sequence: u64,
    /// When it was so, by the agent's clock. However long ago; at most five minutes ahead.
    at: DateTime<Utc>,
    #[serde(flatten)]
    state: SaidBody,
}

/// How far it is, or what runs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SaidBody {
    /// The environment is being touched.
    Begun,
    /// The build runs; its health is not confirmed yet.
    Applied,
    /// The build runs and is healthy.
    Healthy,
    /// The attempt is over.
    Failed {
        /// In a few words.
        #[schema(max_length = 200)]
        reason: String,
        #[schema(max_length = 4000)]
        detail: Option<String>,
        /// What runs there now, where it is known.
        #[schema(value_type = Option<String>, example = "10.0.2645.136")]
        running: Option<BuildVersion>,
    },
    /// What runs there, whoever brought it.
    RunningVersion {
        #[schema(value_type = String, example = "10.0.2645.147")]
        build: BuildVersion,
    },
}

impl SaidBody {
    fn read(self) -> Result<Said, Problem> {
        Ok(match self {
            Self::Begun => Said::Begun,
            Self::Applied => Said::Applied,
            Self::Healthy => Said::Healthy,
            Self::Failed { reason, detail, running } => {
                let reason = reason.trim().to_owned();
                if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
                    return Err(invalid(format!("`reason` has 1 to {REASON_CHARS_MAX} characters.")));
                }
                if detail.as_ref().is_some_and(|detail| detail.chars().count() > DETAIL_CHARS_MAX) {
                    return Err(invalid(format!("`detail` has at most {DETAIL_CHARS_MAX} characters.")));
                }
                Said::Failed { reason, detail, running }
            }
            Self::RunningVersion { build } => Said::RunningVersion { build },
        })
    }
}

fn invalid(detail: String) -> Problem {
    Problem::with(ProblemKind::Invalid, detail)
}

/// The report is kept, and nothing that follows from it can be lost.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcknowledgedBody {
    report_id: Uuid,
    /// What became of it when it was given first: `accepted`, `known`, `late`, `contradictory` or `unknown_version`.
    #[schema(value_type = String, example = "accepted")]
    outcome: domain::agent::Outcome,
    /// It was given before.
    known: bool,
    /// The outcome in a sentence.
    means: &'static str,
}

/// Say how far it is
///
/// Reports may come twice, late and in any order: the end is the same.
#[utoipa::path(
    post,
    path = "/api/v1/agent/reports",
    tag = "agent",
    request_body = ReportBody,
    responses(
        (status = 200, description = "The report is kept.", body = AcknowledgedBody),
        (status = 409, description = "The id was used for another report.", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "It does not make sense, or is from the future.", body = Problem,
            content_type = "application/problem+json"),
        (status = "4XX", description = "It was refused.", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not just now; send it again.", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub async fn report_give(
    State(state): State<AppState>,
    Extension(ctx): Extension<CallerContext>,
    Body(body): Body<ReportBody>,
) -> Result<Json<AcknowledgedBody>, Problem> {
    if i64::try_from(body.sequence).is_err() {
        return Err(invalid("`sequence` is too large.".to_owned()));
    }
    let report = Report { at: body.at, sequence: body.sequence, attempt: body.attempt, said: body.state.read()? };
    let given = AgentReport { id: body.report_id, environment: body.environment, order: body.order, report };
    let acknowledged = state.services.hear_agent(&ctx, &given).await??;
    let (outcome, known) = (acknowledged.outcome, acknowledged.known);
    Ok(Json(AcknowledgedBody { report_id: body.report_id, outcome, known, means: outcome.sentence() }))
}
