//! Answers that are given before, or without, a page: short plain sentences that say what to do next.
//! Pages have their own error panel in `app`; forms have their problems in `domain::wire::problem`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    SignInFirst,
    NotAllowed,
    ForeignOrigin,
    BodyTooLarge,
    BodyUnreadable,
    NoSuchAddress,
    TooSlow,
    Unavailable,
    TooManyStreams,
    Broken,
}

impl Refusal {
    pub const fn status(self) -> StatusCode {
        match self {
            Self::SignInFirst => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyUnreadable => StatusCode::BAD_REQUEST,
            Self::NoSuchAddress => StatusCode::NOT_FOUND,
            Self::TooSlow | Self::Unavailable | Self::TooManyStreams => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub const fn sentence(self) -> &'static str {
        match self {
            Self::SignInFirst => "You are not signed in. Sign in at /login and try again.",
            Self::NotAllowed => "Your role may not do this. Ask your administrator.",
            Self::ForeignOrigin => {
                "This request did not come from Signalbox's own pages. Open the page again and retry."
            }
            Self::BodyTooLarge => "This request is larger than 64 KiB. Send less at once.",
            Self::BodyUnreadable => "This request could not be read. Open the page again and retry.",
            Self::NoSuchAddress => "There is nothing at this address. Start again at /.",
            Self::TooSlow => "This took too long and was given up. Look whether it was done before you try again.",
            Self::Unavailable => "The database does not answer just now. Try again in a moment.",
            Self::TooManyStreams => "Too many pages follow changes at once. This page still works; reload it by hand.",
            Self::Broken => {
                "Something went wrong on our side and was logged. Try again; if it stays, name the x-request-id of this answer to your operator."
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.sentence()).into_response();
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}
