//! The demo: its accounts and the speed of its clock. Both exist only where the server runs a demo.

#![cfg_attr(
    feature = "ssr",
    expect(clippy::unused_async, reason = "a server function is asynchronous, whatever it asks")
)]

use domain::wire::{problem::FormOutcome, shell::DemoAccounts};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// Needs nobody to be signed in: it is what the sign-in page of a demo says.
#[server(prefix = "/api", endpoint = "demo/accounts", input = GetUrl)]
pub async fn list_demo_accounts() -> Result<Option<DemoAccounts>, ApiError> {
    Ok(super::context::services()?.demo_accounts())
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SpeedInput {
    pub speed: String,
}

#[server(prefix = "/api", endpoint = "demo/speed")]
pub async fn set_demo_speed(#[server(default)] input: SpeedInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, refused};
    use crate::{routes, state::form_key::FormKey};
    use domain::wire::{problem::FormProblem, shell::DemoSpeed};

    let call = call()?;
    let result = match DemoSpeed::from_key(&input.speed) {
        Some(speed) => call.services.set_demo_speed(&call.ctx, speed).await,
        None => refused(FormProblem::SpeedUnknown),
    };
    call.answer_form(FormKey::DemoSpeed, routes::ROOT, &[], result)
}
