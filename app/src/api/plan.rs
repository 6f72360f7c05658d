//! The plan of a rollout, and how many take part.

use domain::ids::RolloutId;
use domain::wire::plan::{PlanParams, PlanView};
use domain::wire::problem::FormOutcome;
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

#[server(prefix = "/api", endpoint = "rollouts/plan/show", input = GetUrl)]
pub async fn show_plan(#[server(default)] params: PlanParams) -> Result<PlanView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.show_plan(&call.ctx, &params).await)
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PercentInput {
    pub rollout: RolloutId,
    /// `4-sandbox`, `production`
    #[serde(default)]
    pub stage: String,
    #[serde(default)]
    pub percent: String,
}

#[server(prefix = "/api", endpoint = "rollouts/plan/percent")]
pub async fn set_percent(input: PercentInput) -> Result<FormOutcome, ApiError> {
    use crate::{routes, state::form_key::FormKey};

    let call = super::context::call()?;
    let result = call.services.set_percent(&call.ctx, input.rollout, &input.stage, &input.percent).await;
    let typed = [("stage", input.stage.as_str()), ("percent", input.percent.as_str())];
    call.answer_form(FormKey::Percent, &routes::plan(input.rollout), &typed, result)
}
