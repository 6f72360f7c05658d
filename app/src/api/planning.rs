//! What an environment is planned by, as its owner chooses.

use domain::ids::EnvironmentId;
use domain::wire::problem::FormOutcome;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanInput {
    pub environment: EnvironmentId,
    /// `Mon` to `Sun`; a box that is not ticked sends nothing.
    #[serde(default)]
    pub days: Vec<String>,
    #[serde(default)]
    pub date: String,
    #[serde(default)]
    pub priority_batch: String,
    /// What the form was made from: a change in between refuses it.
    #[serde(default)]
    pub generation: i64,
}

#[server(prefix = "/api", endpoint = "environments/plan")]
pub async fn plan_environment(input: PlanInput) -> Result<FormOutcome, ApiError> {
    use super::context::call;
    use crate::{routes, state::form_key::FormKey};
    use services::PlanForm;

    let call = call()?;
    let PlanInput { environment, days, date, priority_batch, generation } = input;
    let (typed_days, is_on) = (days.join(","), !priority_batch.is_empty());
    let form = PlanForm { days, date: date.clone(), priority_batch: is_on, generation };
    let result = call.services.plan_environment(&call.ctx, environment, &form).await;
    let typed = [("days", typed_days.as_str()), ("date", date.as_str()), ("priority_batch", priority_batch.as_str())];
    call.answer_form(FormKey::Planning, &routes::environment(environment), &typed, result)
}
