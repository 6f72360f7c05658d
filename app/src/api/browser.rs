//! Calling a server function from a running page: its address, its fields, the text of its answer. One way for all of
//! them; the stubs that Leptos makes for each are not used, so they are not in the Wasm.

use domain::wire::problem::{FormOutcome, FormProblem};
use gloo_net::http::Request;
use serde::Deserialize;

use crate::{api::ApiError, json, query::Query};

/// What a read answers.
pub async fn get(address: &str, fields: &Query) -> Result<String, ApiError> {
    let answer = Request::get(&fields.on(address)).header("Accept", "application/json").send().await;
    let answer = answer.map_err(|_| ApiError::Unavailable)?;
    let text = answer.text().await.map_err(|_| ApiError::Unavailable)?;
    if answer.ok() { Ok(text) } else { Err(ApiError::from_body(&text).unwrap_or(ApiError::Unavailable)) }
}

/// What a change answers to the fields of a form. Once it was sent, only an answer of ours says whether it was done.
pub async fn post(address: &str, fields: String) -> Result<FormOutcome, ApiError> {
    let request = Request::post(address)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("Accept", "application/json")
        .body(fields)
        .map_err(|_| ApiError::Malformed)?;
    let answer = request.send().await.map_err(|_| ApiError::Unanswered)?;
    let text = answer.text().await.map_err(|_| ApiError::Unanswered)?;
    let read = if answer.ok() { outcome(&text).map(Ok) } else { ApiError::from_body(&text).map(Err) };
    read.unwrap_or_else(|| Err(ApiError::of_change(answer.status())))
}

/// The outcome by hand: a derived reader of a tagged enum keeps a second tree for it.
fn outcome(text: &str) -> Option<FormOutcome> {
    #[derive(Deserialize)]
    struct Told {
        message: Option<String>,
        problem: Option<String>,
    }
    match json::read(text).ok()? {
        Told { message: Some(message), .. } => Some(FormOutcome::Done { message }),
        Told { problem, .. } => FormProblem::from_code(&problem?).map(|problem| FormOutcome::Refused { problem }),
    }
}
