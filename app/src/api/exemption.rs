//! Exemptions: asked for on the page of an environment, decided by staff.

use domain::ids::{EnvironmentId, ExemptionId};
use domain::wire::{
    exemption::{ExemptionView, ExemptionsParams, ExemptionsView},
    problem::FormOutcome,
};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionInput {
    pub exemption: ExemptionId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestExemptionInput {
    pub environment: EnvironmentId,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub evidence: String,
    #[serde(default)]
    pub last_day: String,
}

/// A grant sends the digest, a refusal and a withdrawal the reason; all of them the ticked box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideExemptionInput {
    pub exemption: ExemptionId,
    #[serde(default)]
    pub digest: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub confirmed: String,
}

#[server(prefix = "/api", endpoint = "exemptions/list", input = GetUrl)]
pub async fn list_exemptions(#[server(default)] params: ExemptionsParams) -> Result<ExemptionsView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.list_exemptions(&call.ctx, &params).await)
}

#[server(prefix = "/api", endpoint = "exemptions/show", input = GetUrl)]
pub async fn show_exemption(input: ExemptionInput) -> Result<ExemptionView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.show_exemption(&call.ctx, input.exemption).await)
}

#[server(prefix = "/api", endpoint = "exemptions/request")]
pub async fn request_exemption(input: RequestExemptionInput) -> Result<FormOutcome, ApiError> {
    use super::context::call;
    use crate::{routes, state::form_key::FormKey};
    use domain::permission::Permission;
    use services::ExemptionForm;

    let call = call()?;
    let RequestExemptionInput { environment, reason, evidence, last_day } = input;
    let form = ExemptionForm { reason: reason.clone(), evidence: evidence.clone(), last_day: last_day.clone() };
    let result = call.services.request_exemption(&call.ctx, environment, &form).await;
    let typed = [("reason", reason.as_str()), ("evidence", evidence.as_str()), ("last_day", last_day.as_str())];
    let page = if call.ctx.actor.may(Permission::SeeOwnEstate) {
        routes::environment(environment)
    } else {
        routes::support_environment(environment)
    };
    call.answer_form(FormKey::RequestExemption, &page, &typed, result)
}

#[server(prefix = "/api", endpoint = "exemptions/grant")]
pub async fn grant_exemption(input: DecideExemptionInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::state::form_key::FormKey;

    let call = call()?;
    let result = match unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.grant_exemption(&call.ctx, input.exemption, &input.digest).await,
    };
    land(&call, FormKey::GrantExemption, &input, result)
}

#[server(prefix = "/api", endpoint = "exemptions/refuse")]
pub async fn refuse_exemption(input: DecideExemptionInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::state::form_key::FormKey;

    let call = call()?;
    let result = match unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.refuse_exemption(&call.ctx, input.exemption, &input.reason).await,
    };
    land(&call, FormKey::RefuseExemption, &input, result)
}

#[server(prefix = "/api", endpoint = "exemptions/withdraw")]
pub async fn withdraw_exemption(input: DecideExemptionInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::state::form_key::FormKey;

    let call = call()?;
    let result = match unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.withdraw_exemption(&call.ctx, input.exemption, &input.reason).await,
    };
    land(&call, FormKey::WithdrawExemption, &input, result)
}

#[cfg(feature = "ssr")]
use server::land;

#[cfg(feature = "ssr")]
mod server {
    use super::{ApiError, DecideExemptionInput, FormOutcome};
    use crate::{api::context::Call, routes, state::form_key::FormKey};

    /// The reason comes back to a form that was refused, the tick does not: a link must not confirm for its reader.
    pub fn land(
        call: &Call,
        form: FormKey,
        input: &DecideExemptionInput,
        result: Result<FormOutcome, services::Error>,
    ) -> Result<FormOutcome, ApiError> {
        call.answer_form(form, &routes::exemption(input.exemption), &[("reason", &input.reason)], result)
    }
}
