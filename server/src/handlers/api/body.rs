//! What a request says, read strictly: what cannot be read is a problem that says where.

use super::problem::{Problem, ProblemKind};
use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query};

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let kind = match &rejection {
            JsonRejection::JsonDataError(_) => ProblemKind::Invalid,
            JsonRejection::MissingJsonContentType(_) => ProblemKind::NotJson,
            _ => ProblemKind::Unreadable,
        };
        Self::with(kind, rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::with(ProblemKind::Invalid, rejection.body_text())
    }
}

/// What is no id names nothing.
impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Self::of(ProblemKind::NotFound)
    }
}

#[derive(FromRequest)]
#[from_request(via(Json), rejection(Problem))]
pub struct Body<T>(pub T);

#[derive(FromRequestParts)]
#[from_request(via(Query), rejection(Problem))]
pub struct Asked<T>(pub T);

#[derive(FromRequestParts)]
#[from_request(via(Path), rejection(Problem))]
pub struct Named<T>(pub T);
