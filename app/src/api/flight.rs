//! Flights: the switches that guard changes.

use domain::ids::FlightId;
use domain::wire::flight::{FlightsParams, FlightsView};
use domain::wire::problem::FormOutcome;
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnInput {
    pub flight: FlightId,
    /// `on` or `off`.
    #[serde(default)]
    pub to: String,
    #[serde(default)]
    pub customer: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub confirmed: String,
}

#[server(prefix = "/api", endpoint = "flights/list", input = GetUrl)]
pub async fn list_flights(#[server(default)] params: FlightsParams) -> Result<FlightsView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.list_flights(&call.ctx, &params).await)
}

#[server(prefix = "/api", endpoint = "flights/turn")]
pub async fn turn_flight(input: TurnInput) -> Result<FormOutcome, ApiError> {
    use crate::{api::context::unconfirmed, params, state::form_key::FormKey};
    use services::FlightForm;

    let call = super::context::call()?;
    let form = FlightForm { on: input.to == "on", customer: input.customer.clone(), reason: input.reason.clone() };
    let result = match unconfirmed(&input.confirmed) {
        Some(missing) => missing,
        None => call.services.turn_flight(&call.ctx, input.flight, &form).await,
    };
    let typed = [("to", input.to.as_str()), ("customer", &input.customer), ("reason", &input.reason)];
    let page = params::flights(&FlightsParams { flight: Some(input.flight) });
    call.answer_form(FormKey::Flight, &page, &typed, result)
}
