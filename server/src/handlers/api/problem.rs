//! Every refusal of the API, in one shape: a problem as in RFC 9457, with a name that programs can tell apart. Errors of
//! use cases become problems here and nowhere else.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use services::agent::Refused;
use services::incident::IncidentRefused;
use utoipa::ToSchema;

pub const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

macro_rules! kinds {
    ($($name:ident $key:literal $status:ident $title:literal $detail:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemKind { $($name),* }

        impl ProblemKind {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            const fn parts(self) -> (&'static str, StatusCode, &'static str, &'static str) {
                match self { $(Self::$name => ($key, StatusCode::$status, $title, $detail)),* }
            }
        }
    };
}

kinds! {
    Unreadable "unreadable" BAD_REQUEST "The request could not be read" "Compare it with /openapi.json.";
    NoToken "no-token" UNAUTHORIZED "No valid token" "Send a token that is neither expired nor revoked, as `Authorization: Bearer …`.";
    OtherToken "other-token" FORBIDDEN "This token is for something else" "Ask your operator for a token of the right kind.";
    NotFound "not-found" NOT_FOUND "Nothing here" "It does not exist, or this token does not reach it.";
    WrongMethod "wrong-method" METHOD_NOT_ALLOWED "This address is asked in another way" "The methods are in /openapi.json.";
    Conflict "conflict" CONFLICT "Somebody was faster" "Nothing was changed. Look at what is there now and try again.";
    NotNow "not-now" CONFLICT "The order may not begin now" "Ask for the order again later.";
    AnotherAttempt "another-attempt" CONFLICT "The order stands at another attempt" "Ask for the order again.";
    NotOpen "not-open" CONFLICT "The order is not open" "Ask for the order again.";
    ReportIdUsed "report-id-used" CONFLICT "This report id was used for something else" "Give each report its own id.";
    TooLarge "too-large" PAYLOAD_TOO_LARGE "The request is larger than 64 KiB" "Send less at once.";
    NotJson "not-json" UNSUPPORTED_MEDIA_TYPE "The body is not JSON" "Send it as application/json.";
    Invalid "invalid" UNPROCESSABLE_ENTITY "The request does not make sense" "Compare it with /openapi.json.";
    FromTheFuture "from-the-future" UNPROCESSABLE_ENTITY "This has not happened yet" "Set the clock of the sender and send it again.";
    TooMany "too-many-requests" TOO_MANY_REQUESTS "Too many requests with this token" "Wait as long as `Retry-After` says.";
    Broken "broken" INTERNAL_SERVER_ERROR "Something is wrong here" "Try again later. If it stays, name the x-request-id of this answer to your operator.";
    Unavailable "unavailable" SERVICE_UNAVAILABLE "Not just now" "Nothing was changed. Send the same request again.";
}

impl ProblemKind {
    /// What an answer without a name of its own is.
    pub fn of_status(status: StatusCode) -> Self {
        let same = Self::ALL.iter().copied().find(|kind| kind.parts().1 == status);
        same.unwrap_or(if status.is_client_error() { Self::Unreadable } else { Self::Broken })
    }
}

/// Why something was not done (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Its name, for programs.
    #[serde(rename = "type")]
    #[schema(example = "urn:signalbox:problem:not-now")]
    kind: String,
    /// The same for every problem of this name.
    #[schema(example = "The order may not begin now")]
    title: &'static str,
    #[schema(example = 409)]
    status: u16,
    /// What happened this time, and what to do.
    #[schema(
        example = "The rollout is halted; nothing starts until it goes on. The order may not begin now; ask for it again later."
    )]
    detail: String,
}

impl Problem {
    pub fn of(kind: ProblemKind) -> Self {
        Self::with(kind, kind.parts().3)
    }

    pub fn with(kind: ProblemKind, detail: impl Into<String>) -> Self {
        let (key, status, title, _) = kind.parts();
        Self { kind: format!("urn:signalbox:problem:{key}"), title, status: status.as_u16(), detail: detail.into() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, CONTENT_TYPE);
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        } else if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

impl From<services::Error> for Problem {
    fn from(error: services::Error) -> Self {
        use services::Error as E;
        let kind = match &error {
            E::NotFound => ProblemKind::NotFound,
            E::Forbidden => ProblemKind::OtherToken,
            E::Conflict => ProblemKind::Conflict,
            E::Unavailable { .. } => ProblemKind::Unavailable,
            E::Broken { .. } | E::Store(_) => ProblemKind::Broken,
        };
        if matches!(kind, ProblemKind::Broken | ProblemKind::Unavailable) {
            tracing::error!(error = &error as &dyn std::error::Error, "a program got no answer");
        }
        Self::of(kind)
    }
}

impl From<IncidentRefused> for Problem {
    fn from(refused: IncidentRefused) -> Self {
        let kind = match refused {
            IncidentRefused::FromTheFuture { .. } => ProblemKind::FromTheFuture,
            IncidentRefused::OtherBuild { .. } => ProblemKind::Conflict,
        };
        Self::with(kind, refused.to_string())
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let kind = match refused {
            Refused::NotNow { .. } => ProblemKind::NotNow,
            Refused::AnotherAttempt { .. } => ProblemKind::AnotherAttempt,
            Refused::NotOpen { .. } => ProblemKind::NotOpen,
            Refused::FromTheFuture(_) => ProblemKind::FromTheFuture,
            Refused::OtherContent => ProblemKind::ReportIdUsed,
            Refused::EnvironmentMissing | Refused::OrderMissing => ProblemKind::Invalid,
        };
        Self::with(kind, refused.to_string())
    }
}
