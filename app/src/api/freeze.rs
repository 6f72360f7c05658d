//! Freezes: the list, setting one, ending one. Both changes are confirmed by a box and say why.

use domain::ids::FreezeId;
use domain::wire::{
    freeze::{FreezesParams, FreezesView},
    problem::FormOutcome,
};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// What the address of the form said. An unticked box and an empty field send nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SetFreezeInput {
    pub scope: String,
    pub cloud: String,
    pub region: String,
    pub customer: String,
    pub environment: String,
    pub first: String,
    pub last: String,
    pub repeats: String,
    pub reason: String,
    pub confirmed: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndFreezeInput {
    pub freeze: FreezeId,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub confirmed: String,
}

#[server(prefix = "/api", endpoint = "freezes/list", input = GetUrl)]
pub async fn list_freezes(#[server(default)] params: FreezesParams) -> Result<FreezesView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.list_freezes(&call.ctx, &params.form()).await)
}

#[server(prefix = "/api", endpoint = "freezes/set")]
pub async fn set_freeze(#[server(default)] input: SetFreezeInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::{routes, state::form_key::FormKey};
    use domain::wire::freeze::FreezeForm;

    let call = call()?;
    let SetFreezeInput { scope, cloud, region, customer, environment, first, last, repeats, reason, confirmed } = input;
    let form = FreezeForm { scope, cloud, region, customer, environment, first, last, repeats };
    let result = match unconfirmed(&confirmed) {
        Some(missing) => missing,
        None => call.services.set_freeze(&call.ctx, &form, &reason).await,
    };
    call.answer_form_once(FormKey::SetFreeze, routes::FREEZES, &[("reason", &reason)], result)
}

#[server(prefix = "/api", endpoint = "freezes/end")]
pub async fn end_freeze(input: EndFreezeInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::{routes, state::form_key::FormKey};

    let call = call()?;
    let EndFreezeInput { freeze, reason, confirmed } = input;
    let result = match unconfirmed(&confirmed) {
        Some(missing) => missing,
        None => call.services.end_freeze(&call.ctx, freeze, &reason).await,
    };
    call.answer_form_once(FormKey::EndFreeze, routes::FREEZES, &[("reason", &reason)], result)
}
