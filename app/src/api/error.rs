//! What can go wrong with a call, as the pages see it. The one place where the errors of the services become statuses, and
//! where the whole chain is logged, once.

use serde::{Deserialize, Serialize};
use server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use thiserror::Error;

/// Without Wasm an error travels in the address, where anybody can write one: it carries no text of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Error)]
#[serde(rename_all = "snake_case")]
pub enum ApiError {
    #[error("You are not signed in, or your session has ended. Sign in again.")]
    NotSignedIn,
    #[error("Your role may not do this. Ask a release manager or your administrator.")]
    Forbidden,
    #[error("There is no such thing here, or it is not yours.")]
    NotFound,
    #[error("The server could not read what was sent. Nothing was changed; load the page again.")]
    Malformed,
    #[error("Somebody changed this in the meantime. Look at what it says now, then try again.")]
    Conflict,
    #[error("The server could not be reached or is busy. Nothing was changed; try again in a moment.")]
    Unavailable,
    /// A change was sent and no answer came back that could be read: it may be done, or not.
    #[error("No answer came back. We do not know whether it was done. Load the page again and look.")]
    Unanswered,
    #[error("Something in the server did not work. Nothing was changed.")]
    Internal {
        /// Finds the log line of this request.
        reference: String,
    },
}

impl ApiError {
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotSignedIn => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Malformed => 400,
            Self::Conflict => 409,
            Self::Unavailable | Self::Unanswered => 503,
            Self::Internal { .. } => 500,
        }
    }

    /// The reference to quote, where it looks like one of ours.
    pub fn reference(&self) -> Option<&str> {
        let Self::Internal { reference } = self else { return None };
        let ours = (1..=64).contains(&reference.len())
            && reference.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        ours.then_some(reference)
    }

    /// The body of a failed call, for layers of the server that answer before a server function runs.
    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.ser()).into_owned()
    }

    /// Reads such a body. What cannot be read is no answer of ours, such as a proxy's page.
    pub fn from_body(body: &str) -> Option<Self> {
        crate::json::read(body).ok()
    }

    /// Reads what a server function wrote into the address of a page without Wasm: base64 of such a body.
    pub fn from_address(text: &str) -> Self {
        #[cfg(not(feature = "hydrate"))]
        return server_fn::error::ServerFnUrlError::<Self>::decode_err(text);
        // The reader of `server_fn` keeps a second decoder of JSON with all its texts: a twentieth of the Wasm.
        #[cfg(feature = "hydrate")]
        {
            let body = leptos::prelude::window().atob(&text.replace('-', "+").replace('_', "/"));
            body.ok().and_then(|body| Self::from_body(&body)).unwrap_or(Self::Unavailable)
        }
    }

    /// What to say of a change that was answered with `status` and a body that is not ours. Refused before it was looked
    /// at is one thing; given up on the way is another, and nobody knows then how far it came.
    pub const fn of_change(status: u16) -> Self {
        if matches!(status, 400..=499) { Self::Malformed } else { Self::Unanswered }
    }

    /// Gives the status of this error to the page or call that is being answered.
    #[must_use]
    pub fn answered(self) -> Self {
        crate::platform::set_status(self.status());
        self
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Serialization(_) => {
                Self::Malformed
            }
            // In the browser: no answer, or one that is not ours, such as a proxy's page.
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) => Self::Unavailable,
            _ => Self::Internal { reference: String::new() },
        }
        .answered()
    }
}

#[cfg(feature = "ssr")]
impl ApiError {
    /// `reference` is the id of the request.
    pub fn of(error: &services::Error, reference: &str) -> Self {
        use services::Error as E;
        match error {
            E::NotFound => Self::NotFound,
            E::Forbidden => Self::Forbidden,
            E::Conflict => Self::Conflict,
            E::Unavailable { .. } => Self::Unavailable,
            E::Broken { .. } | E::Store(_) => Self::Internal { reference: reference.to_owned() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_back_as_they_were() {
        let all = [
            ApiError::NotSignedIn,
            ApiError::Forbidden,
            ApiError::NotFound,
            ApiError::Malformed,
            ApiError::Conflict,
            ApiError::Unavailable,
            ApiError::Unanswered,
            ApiError::Internal { reference: "req_1".into() },
        ];
        for error in all {
            assert_eq!(ApiError::de(error.ser()), error);
            assert!((400..600).contains(&error.status()), "{error:?}");
        }
    }

    #[test]
    fn a_change_without_our_answer_is_never_said_to_be_undone() {
        for status in [200, 302, 500, 502, 503, 504] {
            assert_eq!(ApiError::of_change(status), ApiError::Unanswered, "{status}");
        }
        assert_eq!(ApiError::of_change(413), ApiError::Malformed);
        assert!(!ApiError::Unanswered.to_string().contains("Nothing was changed"));
        assert_eq!(ApiError::from_body("<html>Bad gateway</html>"), None);
        assert_eq!(ApiError::from_address("nonsense"), ApiError::Unavailable);
    }

    #[test]
    fn a_crafted_reference_is_not_shown() {
        let crafted = ApiError::Internal { reference: "call 555-1234 <b>now</b>".into() };
        assert_eq!(crafted.reference(), None);
        assert_eq!(ApiError::Internal { reference: "req-01J9".into() }.reference(), Some("req-01J9"));
        assert_eq!(ApiError::de("nonsense".into()), ApiError::Unavailable);
    }
}
