//! Environments: list, one whole, designation of a sandbox.

use domain::ids::EnvironmentId;
use domain::wire::{
    environment::{EnvironmentView, EnvironmentsParams, EnvironmentsView},
    problem::FormOutcome,
};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentInput {
    pub environment: EnvironmentId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesignateInput {
    pub environment: EnvironmentId,
    /// `standard`, `early`, `with_production`; empty where nothing was chosen.
    #[serde(default)]
    pub designation: String,
    /// The production that is followed; empty where none was chosen.
    #[serde(default)]
    pub production: String,
    /// What the form was made from: a change in between refuses it.
    #[serde(default)]
    pub generation: i64,
}

#[server(prefix = "/api", endpoint = "environments/list", input = GetUrl)]
pub async fn list_environments(#[server(default)] params: EnvironmentsParams) -> Result<EnvironmentsView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.list_environments(&call.ctx, &params).await)
}

#[server(prefix = "/api", endpoint = "environments/show", input = GetUrl)]
pub async fn show_environment(input: EnvironmentInput) -> Result<EnvironmentView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.show_environment(&call.ctx, input.environment).await)
}

#[server(prefix = "/api", endpoint = "environments/designate")]
pub async fn designate_sandbox(input: DesignateInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, refused};
    use crate::{routes, state::form_key::FormKey};
    use domain::wire::problem::FormProblem;
    use services::DesignateForm;

    let call = call()?;
    let DesignateInput { environment, designation, production, generation } = input;
    let result = match (production.is_empty(), production.parse().ok()) {
        (false, None) => refused(FormProblem::NoSuchProduction),
        (_, production) => {
            let form = DesignateForm { designation: designation.clone(), production, generation };
            call.services.designate_sandbox(&call.ctx, environment, &form).await
        }
    };
    let typed = [("designation", designation.as_str()), ("production", production.as_str())];
    call.answer_form(FormKey::Designation, &routes::environment(environment), &typed, result)
}
