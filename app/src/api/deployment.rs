//! The version finder of support.

use domain::wire::deployment::{DeploymentsParams, DeploymentsView};
use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::api::ApiError;

#[server(prefix = "/api", endpoint = "deployments/search", input = GetUrl)]
pub async fn search_deployments(#[server(default)] params: DeploymentsParams) -> Result<DeploymentsView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.search_deployments(&call.ctx, &params).await)
}
