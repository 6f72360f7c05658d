//! Programs ask with a token of the right kind, and not too often. Nothing here looks at a session: it opens no route of
//! the API, as a token opens no page.

use crate::handlers::api::problem::{Problem, ProblemKind};
use crate::permissions::{self, Access};
use crate::state::AppState;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::SecondsFormat;
use domain::ids::TokenId;
use domain::token::TokenKind;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use services::CallerContext;
use std::num::NonZeroU32;

/// The time that the system goes by: a demo's is not the time of the day, and what is reported is dated by it.
const TIME: HeaderName = HeaderName::from_static("x-signalbox-time");

/// The allowance of each token.
pub struct TokenLimit(DefaultKeyedRateLimiter<TokenId>);

impl TokenLimit {
    pub fn new(per_minute: u32) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN))))
    }

    fn allows(&self, token: TokenId) -> bool {
        self.0.check_key(&token).is_ok()
    }

    /// Forgets tokens that have their full allowance again. Called by housekeeping.
    pub fn forget_old(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

pub async fn bearer(
    State(state): State<AppState>,
    matched: Option<MatchedPath>,
    mut request: Request,
    next: Next,
) -> Response {
    let kinds = match matched.as_ref().and_then(|route| permissions::access(route.as_str())) {
        Some(Access::Program(kinds)) => kinds,
        Some(Access::Public) => return next.run(request).await,
        other => {
            tracing::error!(?matched, ?other, "a route of the API is missing in the permission table");
            return Problem::of(ProblemKind::OtherToken).into_response();
        }
    };
    match admit(&state, request.headers(), kinds).await {
        Ok(ctx) => {
            let now = ctx.now.to_rfc3339_opts(SecondsFormat::Millis, true);
            request.extensions_mut().insert(ctx);
            let mut response = next.run(request).await;
            if let Ok(now) = HeaderValue::from_str(&now) {
                response.headers_mut().insert(TIME, now);
            }
            response
        }
        Err(problem) => problem.into_response(),
    }
}

async fn admit(state: &AppState, headers: &HeaderMap, kinds: &[TokenKind]) -> Result<CallerContext, Problem> {
    let token = token(headers).ok_or_else(|| Problem::of(ProblemKind::NoToken))?;
    let caller = state.services.caller(token, state.session_clock.now()).await?;
    let caller = caller.ok_or_else(|| Problem::of(ProblemKind::NoToken))?;
    if !state.token_limit.allows(caller.token) {
        tracing::warn!(token = %caller.token, "refused: too many requests");
        return Err(Problem::of(ProblemKind::TooMany));
    }
    if !kinds.contains(&caller.kind) {
        tracing::warn!(token = %caller.token, kind = caller.kind.key(), "refused: the token is for something else");
        return Err(Problem::of(ProblemKind::OtherToken));
    }
    Ok(CallerContext { caller, now: state.services.now() })
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
