//! One's own settings: time zone, sessions. Signing out, here or elsewhere, is the server's (it owns the cookie).

use domain::wire::{problem::FormOutcome, shell::SettingsView};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

#[server(prefix = "/api", endpoint = "settings/show", input = GetUrl)]
pub async fn show_settings() -> Result<SettingsView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.show_settings(&call.ctx, &call.session_hash, call.session_now).await)
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TimeZoneInput {
    pub time_zone: String,
}

#[server(prefix = "/api", endpoint = "settings/time-zone")]
pub async fn set_time_zone(#[server(default)] input: TimeZoneInput) -> Result<FormOutcome, ApiError> {
    use crate::{routes, state::form_key::FormKey};

    let call = super::context::call()?;
    let result = call.services.set_time_zone(&call.ctx, &input.time_zone).await;
    call.answer_form(FormKey::TimeZone, routes::SETTINGS, &[("time_zone", &input.time_zone)], result)
}
