//! Ways out of a halt: the menu, and one of them proposed, approved, started, abandoned.

use domain::ids::{RecoveryId, RolloutId};
use domain::wire::problem::FormOutcome;
use domain::wire::recovery::{RecoveryPageView, RecoveryParams};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeInput {
    pub rollout: RolloutId,
    #[serde(default)]
    pub path: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub confirmed: String,
}

/// What the forms of a recovery send, each its own part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryActInput {
    pub rollout: RolloutId,
    pub recovery: RecoveryId,
    #[serde(default)]
    pub digest: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub confirmed: String,
}

#[server(prefix = "/api", endpoint = "recovery/show", input = GetUrl)]
pub async fn show_recovery(#[server(default)] params: RecoveryParams) -> Result<RecoveryPageView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.show_recovery(&call.ctx, &params).await)
}

#[server(prefix = "/api", endpoint = "recovery/propose")]
pub async fn propose_recovery(input: ProposeInput) -> Result<FormOutcome, ApiError> {
    use crate::{routes, state::form_key::FormKey};
    use services::RecoveryForm;

    let call = super::context::call()?;
    let form = RecoveryForm { path: input.path.clone(), reason: input.reason.clone() };
    let result = match super::context::unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.propose_recovery(&call.ctx, input.rollout, &form).await,
    };
    let typed = [("path", input.path.as_str()), ("reason", &input.reason)];
    call.answer_form(FormKey::RecoveryPropose, &routes::recovery(input.rollout), &typed, result)
}

#[server(prefix = "/api", endpoint = "recovery/approve")]
pub async fn approve_recovery(input: RecoveryActInput) -> Result<FormOutcome, ApiError> {
    use crate::state::form_key::FormKey;

    let call = super::context::call()?;
    let result = match super::context::unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.approve_recovery(&call.ctx, input.recovery, &server::form(&input)).await,
    };
    server::land(&call, FormKey::RecoveryApprove, &input, result)
}

#[server(prefix = "/api", endpoint = "recovery/start")]
pub async fn start_recovery(input: RecoveryActInput) -> Result<FormOutcome, ApiError> {
    use crate::state::form_key::FormKey;

    let call = super::context::call()?;
    let result = match super::context::unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.start_recovery(&call.ctx, input.recovery).await,
    };
    server::land(&call, FormKey::RecoveryStart, &input, result)
}

#[server(prefix = "/api", endpoint = "recovery/abandon")]
pub async fn abandon_recovery(input: RecoveryActInput) -> Result<FormOutcome, ApiError> {
    use crate::state::form_key::FormKey;

    let call = super::context::call()?;
    let result = match super::context::unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.abandon_recovery(&call.ctx, input.recovery, &server::form(&input)).await,
    };
    server::land(&call, FormKey::RecoveryAbandon, &input, result)
}

#[cfg(feature = "ssr")]
mod server {
    use super::{ApiError, FormOutcome, RecoveryActInput};
    use crate::{api::context::Call, routes, state::form_key::FormKey};
    use services::RecoveryActForm;

    pub fn form(input: &RecoveryActInput) -> RecoveryActForm {
        RecoveryActForm { digest: input.digest.clone(), reason: input.reason.clone() }
    }

    pub fn land(
        call: &Call,
        form: FormKey,
        input: &RecoveryActInput,
        result: Result<FormOutcome, services::Error>,
    ) -> Result<FormOutcome, ApiError> {
        call.answer_form(form, &routes::recovery(input.rollout), &[("reason", &input.reason)], result)
    }
}
