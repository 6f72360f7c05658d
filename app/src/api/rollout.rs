//! Rollouts as they stand. What changes them is `rollout_action`.

use domain::ids::RolloutId;
use domain::wire::rollout::{RolloutEnvironmentsParams, RolloutEnvironmentsView, RolloutView, RolloutsView};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutInput {
    pub rollout: RolloutId,
}

#[server(prefix = "/api", endpoint = "rollouts/list", input = GetUrl)]
pub async fn list_rollouts() -> Result<RolloutsView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.list_rollouts(&call.ctx).await)
}

#[server(prefix = "/api", endpoint = "rollouts/show", input = GetUrl)]
pub async fn show_rollout(input: RolloutInput) -> Result<RolloutView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.show_rollout(&call.ctx, input.rollout).await)
}

#[server(prefix = "/api", endpoint = "rollouts/environments", input = GetUrl)]
pub async fn list_rollout_environments(
    #[server(default)] params: RolloutEnvironmentsParams,
) -> Result<RolloutEnvironmentsView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.list_rollout_environments(&call.ctx, &params).await)
}
