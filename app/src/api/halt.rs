//! Halts: those in force and those that were; placing one, lifting one. Both are confirmed by a box and say why.

use domain::wire::{
    halt::{HaltsParams, HaltsView},
    problem::FormOutcome,
};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// What is halted, as the address of the form said it. An unticked box and an empty field send nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PlaceHaltInput {
    pub what: String,
    pub build: String,
    pub rollout: String,
    pub station: String,
    pub customer: String,
    pub reason: String,
    pub confirmed: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LiftHaltInput {
    pub halt: String,
    pub reason: String,
    pub confirmed: String,
}

#[server(prefix = "/api", endpoint = "halts/list", input = GetUrl)]
pub async fn list_halts(#[server(default)] params: HaltsParams) -> Result<HaltsView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.list_halts(&call.ctx, &params).await)
}

#[server(prefix = "/api", endpoint = "halts/place")]
pub async fn place_halt(#[server(default)] input: PlaceHaltInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::{routes, state::form_key::FormKey};
    use domain::wire::halt::HaltTarget;

    let call = call()?;
    let PlaceHaltInput { what, build, rollout, station, customer, reason, confirmed } = input;
    let target = HaltTarget { what, build, rollout, station, customer };
    let result = match unconfirmed(&confirmed) {
        Some(missing) => missing,
        None => call.services.halt_target(&call.ctx, &target, &reason).await,
    };
    call.answer_form_once(FormKey::PlaceHalt, routes::HALTS, &[("reason", &reason)], result)
}

#[server(prefix = "/api", endpoint = "halts/lift")]
pub async fn lift_halt(#[server(default)] input: LiftHaltInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::{routes, state::form_key::FormKey};

    let call = call()?;
    let LiftHaltInput { halt, reason, confirmed } = input;
    let result = match unconfirmed(&confirmed) {
        Some(missing) => missing,
        None => call.services.lift_target(&call.ctx, &halt, &reason).await,
    };
    call.answer_form_once(FormKey::LiftHalt, routes::HALTS, &[("reason", &reason)], result)
}
