//! GET /api/v1/environments/{id}/why: why it is not updated yet or was left out, and when next.

use super::body::Named;
use super::order_show::NightBody;
use super::problem::Problem;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Extension, State};
use chrono::{DateTime, Utc};
use domain::ids::EnvironmentId;
use domain::release::{BuildVersion, ServiceUpdate};
use domain::wire::WhyView;
use domain::wire::signal::Aspect;
use serde::Serialize;
use services::CallerContext;
use services::environment::EnvironmentWhy;
use utoipa::ToSchema;

/// One reason, in the words of the environment's page.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonBody {
    /// The signal before it: `clear`, `caution`, `stop` or `unlit`.
    #[schema(value_type = String, example = "stop")]
    aspect: Aspect,
    #[schema(example = "Halted by I. Lead: sign-in fails")]
    text: String,
    /// From when on it can change, where a date of its own says so.
    #[schema(example = "from Sat 17 Oct 2026, 00:00 CEST")]
    next: Option<String>,
    /// What the customer can do about it.
    way_out: Option<String>,
}

impl From<WhyView> for ReasonBody {
    fn from(why: WhyView) -> Self {
        let way_out = why.way_out.map(|(text, _)| text);
        Self { aspect: why.aspect, text: why.text, next: why.next, way_out }
    }
}

/// The update that is under way for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextBody {
    #[schema(example = "10.0.48 PQU-7")]
    train: String,
    #[schema(example = "10.0.2645.147")]
    build: String,
    /// `planned`, `announced`, `moved`, `in_progress`, `verifying`, `held` or `halted`.
    #[schema(example = "announced")]
    state: &'static str,
    /// The night or the dates, in words.
    when: String,
    /// Its announced night was moved: from when, and why.
    moved: Option<String>,
    /// What the environment's users notice.
    impact: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WhyBody {
    #[schema(value_type = String, example = "env_01ja0000000000000000000000")]
    environment: EnvironmentId,
    name: String,
    #[schema(value_type = String, example = "10.0.48")]
    service_update: ServiceUpdate,
    /// What runs there.
    #[schema(value_type = String, example = "10.0.2645.136")]
    build: BuildVersion,
    next: Option<NextBody>,
    /// The night that is chosen, or in which it runs.
    night: Option<NightBody>,
    /// When something can change next, as far as that is known.
    next_at: Option<DateTime<Utc>>,
    /// There is no date, and the train is not done with it all the same.
    unsettled: Option<String>,
    why: Vec<ReasonBody>,
}

impl From<EnvironmentWhy> for WhyBody {
    fn from(answer: EnvironmentWhy) -> Self {
        let EnvironmentWhy { environment, next, night, next_at, unsettled, why } = answer;
        let next = next.map(|next| NextBody {
            train: next.train,
            build: next.build,
            state: next.state.key(),
            when: next.when.text,
            moved: next.moved,
            impact: next.impact,
        });
        Self {
            environment: environment.id,
            name: environment.name,
            service_update: environment.service_update,
            build: environment.build,
            next,
            night: night.map(NightBody::from),
            next_at,
            unsettled,
            why: why.into_iter().map(ReasonBody::from).collect(),
        }
    }
}

/// Why it is not updated yet, and when next
///
/// The reasons in words, as the environment's page gives them to whoever reads it in the zone of its region. Times that are
/// not words are UTC.
#[utoipa::path(
    get,
    path = "/api/v1/environments/{id}/why",
    tag = "environments",
    params(("id" = String, Path, description = "The environment.")),
    responses(
        (status = 200, description = "The answer.", body = WhyBody),
        (status = "4XX", description = "It was refused.", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not just now.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn environment_why(
    State(state): State<AppState>,
    Extension(ctx): Extension<CallerContext>,
    Named(id): Named<EnvironmentId>,
) -> Result<Json<WhyBody>, Problem> {
    Ok(Json(state.services.why_environment(&ctx, id).await?.into()))
}
