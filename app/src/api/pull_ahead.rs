//! A customer takes the coming build ahead of its night, and takes that back.

use domain::ids::EnvironmentId;
use domain::wire::problem::FormOutcome;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullInput {
    pub environment: EnvironmentId,
    /// `now`, or the date of a night; empty where nothing was chosen, and to take it back.
    #[serde(default)]
    pub start: String,
    /// What the form was made from: a change in between refuses it.
    #[serde(default)]
    pub generation: i64,
}

#[server(prefix = "/api", endpoint = "environments/pull-ahead")]
pub async fn pull_ahead(input: PullInput) -> Result<FormOutcome, ApiError> {
    use super::context::call;
    use crate::{routes, state::form_key::FormKey};
    use services::PullForm;

    let call = call()?;
    let PullInput { environment, start, generation } = input;
    let result = call.services.pull_ahead(&call.ctx, environment, &PullForm { start: start.clone(), generation }).await;
    call.answer_form(FormKey::PullAhead, &routes::environment(environment), &[("start", &start)], result)
}

#[server(prefix = "/api", endpoint = "environments/undo-pull")]
pub async fn undo_pull(input: PullInput) -> Result<FormOutcome, ApiError> {
    use super::context::call;
    use crate::{routes, state::form_key::FormKey};

    let call = call()?;
    let PullInput { environment, generation, .. } = input;
    let result = call.services.undo_pull(&call.ctx, environment, generation).await;
    call.answer_form(FormKey::UndoPull, &routes::environment(environment), &[], result)
}
