//! POST /api/v1/incidents: a listening system opens an incident against a build.

use super::body::Body;
use super::problem::{Problem, ProblemKind};
use crate::state::AppState;
use axum::Json;
use axum::extract::{Extension, State};
use chrono::{DateTime, Utc};
use domain::release::BuildVersion;
use domain::severity::Severity;
use domain::wire::problem::{REASON_CHARS_MAX, REFERENCE_CHARS_MAX};
use serde::{Deserialize, Serialize};
use services::CallerContext;
use services::incident::GivenIncident;
use utoipa::ToSchema;

/// Sent until it is acknowledged; the same incident again changes nothing, a worse one replaces it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentBody {
    /// As the listening system calls it.
    #[schema(min_length = 1, max_length = 120, example = "INC-4711")]
    incident: String,
    #[schema(value_type = String, example = "10.0.2645.147")]
    build: BuildVersion,
    /// `low`, `medium`, `high` or `critical`.
    #[schema(value_type = String, example = "high")]
    severity: Severity,
    /// Customers suffer from it and said so: it halts the build whatever its severity.
    #[serde(default)]
    by_people: bool,
    /// What was found, in a sentence.
    #[schema(min_length = 1, max_length = 500, example = "Invoices cannot be posted")]
    finding: String,
    opened_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OpenedBody {
    incident: String,
    /// `halted`, `halted_before`, `recorded`, `nothing_runs` or `unknown_build`.
    #[schema(example = "halted")]
    outcome: &'static str,
    /// It was said before, and no worse.
    known: bool,
    /// What it led to, in a sentence.
    #[schema(example = "It halted every rollout of the build.")]
    means: String,
}

fn within(name: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most {
        return Err(Problem::with(ProblemKind::Invalid, format!("`{name}` has 1 to {most} characters.")));
    }
    Ok(text.to_owned())
}

/// Open an incident against a build
///
/// From the severity that the operator chose, and whatever the severity where customers suffer from it, it halts the build and
/// every rollout of it at once.
#[utoipa::path(
    post,
    path = "/api/v1/incidents",
    tag = "signals",
    request_body = IncidentBody,
    responses(
        (status = 200, description = "The incident is kept, and what follows from it is done.", body = OpenedBody),
        (status = "4XX", description = "It was refused.", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not just now; send it again.", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub async fn incident_open(
    State(state): State<AppState>,
    Extension(ctx): Extension<CallerContext>,
    Body(body): Body<IncidentBody>,
) -> Result<Json<OpenedBody>, Problem> {
    let given = GivenIncident {
        name: within("incident", &body.incident, REFERENCE_CHARS_MAX)?,
        build: body.build,
        severity: body.severity,
        by_people: body.by_people,
        finding: within("finding", &body.finding, REASON_CHARS_MAX)?,
        opened_at: body.opened_at,
    };
    let answer = state.services.open_incident(&ctx, &given).await??;
    let (outcome, means) = (answer.outcome.key(), answer.outcome.sentence());
    Ok(Json(OpenedBody { incident: given.name, outcome, known: answer.known, means }))
}
