//! Incidents against builds: the list, and reporting one.

use domain::wire::{
    incident::{IncidentsParams, IncidentsView},
    problem::FormOutcome,
};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// An unticked box and an empty field send nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportIncidentInput {
    pub reference: String,
    pub build: String,
    pub source: String,
    pub severity: String,
    pub finding: String,
    pub confirmed: String,
}

#[server(prefix = "/api", endpoint = "incidents/list", input = GetUrl)]
pub async fn list_incidents(#[server(default)] params: IncidentsParams) -> Result<IncidentsView, ApiError> {
    let call = super::context::call()?;
    call.answer(call.services.list_incidents(&call.ctx, &params).await)
}

#[server(prefix = "/api", endpoint = "incidents/report")]
pub async fn report_incident(#[server(default)] input: ReportIncidentInput) -> Result<FormOutcome, ApiError> {
    use super::context::{call, unconfirmed};
    use crate::{routes, state::form_key::FormKey};
    use services::IncidentForm;

    let call = call()?;
    let ReportIncidentInput { reference, build, source, severity, finding, confirmed } = input;
    let form = IncidentForm { reference, build, source, severity, finding };
    let result = match unconfirmed(&confirmed) {
        Some(missing) => missing,
        None => call.services.report_incident(&call.ctx, &form).await,
    };
    let typed = [
        ("reference", form.reference.as_str()),
        ("build", &form.build),
        ("source", &form.source),
        ("severity", &form.severity),
        ("finding", &form.finding),
    ];
    call.answer_form_once(FormKey::ReportIncident, routes::INCIDENTS, &typed, result)
}
