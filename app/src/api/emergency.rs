//! The emergency path of a rollout: asked for, approved, ended, what it owes, its review.

use domain::ids::{EmergencyId, RolloutId, UserId};
use domain::wire::emergency::{EmergencyForm, EmergencyPageView};
use domain::wire::problem::FormOutcome;
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use crate::api::{ApiError, rollout::RolloutInput};

/// What the forms of a path send, each its own part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyActInput {
    pub rollout: RolloutId,
    pub emergency: EmergencyId,
    #[serde(default)]
    pub digest: String,
    /// Why it ends.
    #[serde(default)]
    pub why: String,
    #[serde(default)]
    pub gate: String,
    #[serde(default)]
    pub evidence: String,
    #[serde(default)]
    pub review: String,
    #[serde(default)]
    pub result: String,
    #[serde(default)]
    pub link: String,
    #[serde(default)]
    pub confirmed: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproversInput {
    pub rollout: RolloutId,
    #[serde(default)]
    pub approvers: Vec<UserId>,
}

#[server(prefix = "/api", endpoint = "emergency/show", input = GetUrl)]
pub async fn show_emergency(input: RolloutInput) -> Result<EmergencyPageView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.show_emergency(&call.ctx, input.rollout).await)
}

#[server(prefix = "/api", endpoint = "emergency/request")]
pub async fn request_emergency(input: EmergencyForm) -> Result<FormOutcome, ApiError> {
    use crate::{routes, state::form_key::FormKey};

    let call = super::context::call()?;
    let rollout = input.rollout.ok_or_else(|| ApiError::NotFound.answered())?;
    let result = match super::context::unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.request_emergency(&call.ctx, rollout, &input).await,
    };
    let typed = [
        ("criterion", input.criterion.as_str()),
        ("severity", &input.severity),
        ("reason", &input.reason),
        ("bake_hours", &input.bake_hours),
        ("covered_hours", &input.covered_hours),
        ("samples", &input.samples),
        ("notice_hours", &input.notice_hours),
        ("gap_days", &input.gap_days),
        ("any_night", &input.any_night),
        ("lasts_hours", &input.lasts_hours),
        ("change_scrutiny", &input.change_scrutiny),
        ("smoke_tests", &input.smoke_tests),
        ("integration_tests", &input.integration_tests),
    ];
    call.answer_form(FormKey::Emergency, &routes::emergency(rollout), &typed, result)
}

#[server(prefix = "/api", endpoint = "emergency/approve")]
pub async fn approve_emergency(input: EmergencyActInput) -> Result<FormOutcome, ApiError> {
    use crate::state::form_key::FormKey;

    let call = super::context::call()?;
    let result = match super::context::unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.approve_emergency(&call.ctx, input.emergency, &server::form(&input, "")).await,
    };
    server::land(&call, FormKey::EmergencyApprove, &input, result)
}

#[server(prefix = "/api", endpoint = "emergency/end")]
pub async fn end_emergency(input: EmergencyActInput) -> Result<FormOutcome, ApiError> {
    use crate::state::form_key::FormKey;

    let call = super::context::call()?;
    let result = match super::context::unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.end_emergency(&call.ctx, input.emergency, &server::form(&input, &input.why)).await,
    };
    server::land(&call, FormKey::EmergencyEnd, &input, result)
}

#[server(prefix = "/api", endpoint = "emergency/gate")]
pub async fn complete_emergency_gate(input: EmergencyActInput) -> Result<FormOutcome, ApiError> {
    use crate::state::form_key::FormKey;

    let call = super::context::call()?;
    let form = server::form(&input, &input.evidence);
    let result = call.services.complete_emergency_gate(&call.ctx, input.emergency, &form).await;
    server::land(&call, FormKey::EmergencyGate, &input, result)
}

#[server(prefix = "/api", endpoint = "emergency/review")]
pub async fn review_emergency(input: EmergencyActInput) -> Result<FormOutcome, ApiError> {
    use crate::state::form_key::FormKey;

    let call = super::context::call()?;
    let form = server::form(&input, &input.review);
    let result = call.services.review_emergency(&call.ctx, input.emergency, &form).await;
    server::land(&call, FormKey::EmergencyReview, &input, result)
}

#[server(prefix = "/api", endpoint = "emergency/approvers")]
pub async fn set_emergency_approvers(input: ApproversInput) -> Result<FormOutcome, ApiError> {
    use crate::{routes, state::form_key::FormKey};

    let call = super::context::call()?;
    let result = call.services.set_emergency_approvers(&call.ctx, &input.approvers).await;
    call.answer_form(FormKey::EmergencyApprovers, &routes::emergency(input.rollout), &[], result)
}

#[cfg(feature = "ssr")]
mod server {
    use super::{ApiError, EmergencyActInput, FormOutcome};
    use crate::{api::context::Call, routes, state::form_key::FormKey};
    use services::EmergencyActForm;

    pub fn form(input: &EmergencyActInput, text: &str) -> EmergencyActForm {
        EmergencyActForm {
            digest: input.digest.clone(),
            text: text.to_owned(),
            gate: input.gate.clone(),
            result: input.result.clone(),
            link: input.link.clone(),
        }
    }

    pub fn land(
        call: &Call,
        form: FormKey,
        input: &EmergencyActInput,
        result: Result<FormOutcome, services::Error>,
    ) -> Result<FormOutcome, ApiError> {
        let typed = [
            ("why", input.why.as_str()),
            ("gate", &input.gate),
            ("result", &input.result),
            ("evidence", &input.evidence),
            ("review", &input.review),
            ("link", &input.link),
        ];
        call.answer_form(form, &routes::emergency(input.rollout), &typed, result)
    }
}
