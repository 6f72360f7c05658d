//! What people do to a rollout: start, approve, halt, resume, approve and withdraw its build. Each is confirmed by its own box; a halt and a resume say why.

use domain::ids::RolloutId;
use domain::wire::problem::FormOutcome;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// Every action of a rollout sends some of this. An unticked box and an empty field send nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutActionInput {
    pub rollout: RolloutId,
    #[serde(default)]
    pub station: u8,
    /// Of what was read before it was approved: a promotion, or the artifact of the build.
    #[serde(default)]
    pub digest: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub confirmed: String,
}

#[server(prefix = "/api", endpoint = "rollouts/start")]
pub async fn start_rollout(input: RolloutActionInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::state::form_key::FormKey;

    let call = call()?;
    let result = match unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.start_rollout(&call.ctx, input.rollout).await,
    };
    land(&call, FormKey::Start, &input, result)
}

#[server(prefix = "/api", endpoint = "rollouts/approve")]
pub async fn approve_promotion(input: RolloutActionInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::state::form_key::FormKey;

    let call = call()?;
    let result = if let Some(missing) = unconfirmed(&input.confirmed) {
        missing
    } else {
        let read = input.digest.parse().ok();
        call.services.approve_promotion_as_read(&call.ctx, input.rollout, input.station, read.as_ref()).await
    };
    land(&call, FormKey::Approve(input.station), &input, result)
}

#[server(prefix = "/api", endpoint = "rollouts/halt")]
pub async fn halt_rollout(input: RolloutActionInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::state::form_key::FormKey;

    let call = call()?;
    let result = match unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.halt_rollout(&call.ctx, input.rollout, &input.reason).await,
    };
    land(&call, FormKey::Halt, &input, result)
}

#[server(prefix = "/api", endpoint = "rollouts/resume")]
pub async fn resume_rollout(input: RolloutActionInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::state::form_key::FormKey;

    let call = call()?;
    let result = match unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.resume_rollout(&call.ctx, input.rollout, &input.reason).await,
    };
    land(&call, FormKey::Resume, &input, result)
}

#[server(prefix = "/api", endpoint = "rollouts/approve-build")]
pub async fn approve_build(input: RolloutActionInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::state::form_key::FormKey;

    let call = call()?;
    let result = match unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.approve_build(&call.ctx, input.rollout, &input.digest).await,
    };
    land(&call, FormKey::ApproveBuild, &input, result)
}

#[server(prefix = "/api", endpoint = "rollouts/withdraw-build")]
pub async fn withdraw_build(input: RolloutActionInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::state::form_key::FormKey;

    let call = call()?;
    let result = match unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.withdraw_build(&call.ctx, input.rollout, &input.reason).await,
    };
    land(&call, FormKey::WithdrawBuild, &input, result)
}

#[cfg(feature = "ssr")]
use server::land;

#[cfg(feature = "ssr")]
mod server {
    use super::{ApiError, FormOutcome, RolloutActionInput};
    use crate::{api::context::Call, routes, state::form_key::FormKey};

    /// The reason comes back to a form that was refused, the tick does not: a link must not confirm for its reader.
    pub fn land(
        call: &Call,
        form: FormKey,
        input: &RolloutActionInput,
        result: Result<FormOutcome, services::Error>,
    ) -> Result<FormOutcome, ApiError> {
        call.answer_form(form, &routes::rollout(input.rollout), &[("reason", &input.reason)], result)
    }
}
