//! What a server function needs from its request: the services and who asks. Server only.
//!
//! The session guard of the server puts [`SignedIn`] (and [`Frame`] for pages) beside the request; the router provides
//! [`Services`]. Server functions run in process while a page is written and over HTTP later, and find the same in both.

use chrono::{DateTime, Utc};
use domain::permission::Actor;
use domain::wire::{problem::FormOutcome, shell::ShellView};
use leptos::context::use_context;
use services::{RequestContext, Services};

use crate::{
    api::ApiError,
    platform,
    state::{form_key::FormKey, landing},
};

/// Who sent this request, as the session guard found out.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub actor: Actor,
    pub request_id: String,
    /// Names the session without being able to open it.
    pub session_hash: Vec<u8>,
    /// The real time of the request, which sessions go by: a demo's clock may be weeks ahead.
    pub session_now: DateTime<Utc>,
}

/// What stands around the page, loaded before Leptos runs: the frame is no place to wait (leptos-rs/leptos#3707).
#[derive(Debug, Clone)]
pub struct Frame(pub ShellView);

/// Stands beside a request for a page that this role may not see: nothing is loaded for it.
#[derive(Debug, Clone, Copy)]
pub struct NotAllowed;

/// What was typed as the email of a sign-in that was refused. It stands beside the request for the form, not in its
/// address: it may be a password in the wrong field.
#[derive(Clone)]
pub struct TypedEmail(pub String);

/// One call by somebody who is signed in.
pub struct Call {
    pub services: Services,
    pub ctx: RequestContext,
    pub session_hash: Vec<u8>,
    pub session_now: DateTime<Utc>,
}

/// The services, for the few calls that need nobody to be signed in.
pub fn services() -> Result<Services, ApiError> {
    use_context::<Services>().ok_or_else(|| ApiError::Unavailable.answered())
}

pub fn call() -> Result<Call, ApiError> {
    let services = services()?;
    let SignedIn { actor, request_id, session_hash, session_now } =
        platform::extension::<SignedIn>().ok_or_else(|| ApiError::NotSignedIn.answered())?;
    if platform::extension::<NotAllowed>().is_some() {
        return Err(ApiError::Forbidden.answered());
    }
    let now = services.now();
    Ok(Call { services, ctx: RequestContext { actor, now, request_id }, session_hash, session_now })
}

impl Call {
    /// The answer of a service as the answer of the server function.
    pub fn answer<T>(&self, result: Result<T, services::Error>) -> Result<T, ApiError> {
        result.map_err(|error| {
            let seen = ApiError::of(&error, &self.ctx.request_id);
            if seen.status() >= 500 {
                tracing::error!(request = %self.ctx.request_id, error = &error as &dyn std::error::Error, "call failed");
            }
            seen.answered()
        })
    }

    /// As [`Call::answer_form`], where the page of the form is of no use any more once it is done.
    pub fn answer_form_once(
        &self,
        form: FormKey,
        page: &str,
        typed: &[(&str, &str)],
        result: Result<FormOutcome, services::Error>,
    ) -> Result<FormOutcome, ApiError> {
        if platform::is_form_post()
            && let Ok(outcome @ FormOutcome::Done { .. }) = &result
        {
            platform::see_other(&landing::after(None, page, form, outcome, typed));
            return self.answer(result);
        }
        self.answer_form(form, page, typed, result)
    }

    /// The answer to a form. Sent without Wasm, the browser is shown the page again: with the problem and what was typed,
    /// or with what was done.
    pub fn answer_form(
        &self,
        form: FormKey,
        page: &str,
        typed: &[(&str, &str)],
        result: Result<FormOutcome, services::Error>,
    ) -> Result<FormOutcome, ApiError> {
        let outcome = self.answer(result)?;
        if platform::is_form_post() {
            platform::see_other(&landing::after(platform::referer().as_deref(), page, form, &outcome, typed));
        }
        Ok(outcome)
    }
}

/// A form that was refused before any service was asked.
pub const fn refused(problem: domain::wire::problem::FormProblem) -> Result<FormOutcome, services::Error> {
    Ok(FormOutcome::Refused { problem })
}

/// The refusal of a form whose box was not ticked.
pub fn unconfirmed(confirmed: &str) -> Option<Result<FormOutcome, services::Error>> {
    confirmed.is_empty().then(|| refused(domain::wire::problem::FormProblem::ConfirmationMissing))
}
