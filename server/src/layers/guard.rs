//! Nobody gets past here without a right to. It runs before Leptos, so that a stranger's answer never holds a page: an
//! empty redirect to the sign-in form, or a plain refusal where a program asked.

use super::request_id::RequestId;
use crate::next_path::own_page;
use crate::permissions::{self, Access};
use crate::refusal::Refusal;
use crate::session::who::{context, who};
use crate::state::AppState;
use app::api::ApiError;
use app::api::context::{Frame, NotAllowed, SignedIn};
use axum::extract::{MatchedPath, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;

pub async fn guard(
    State(state): State<AppState>,
    matched: Option<MatchedPath>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    // An address without a route: whoever is signed in may learn that there is nothing.
    let declared = matched.as_ref().map_or(Some(Access::SignedIn), |route| permissions::access(route.as_str()));
    let Some(access) = declared else {
        tracing::error!(
            route = matched.as_ref().map(MatchedPath::as_str),
            "a route is missing in the permission table"
        );
        return Refusal::NotAllowed.into_response();
    };
    if access == Access::Public {
        return next.run(request).await;
    }
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let signed_in = match who(&state.services, &session, &request_id, state.session_clock.now()).await {
        Ok(signed_in) => signed_in,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "nobody knows who asks");
            return Refusal::Unavailable.into_response();
        }
    };
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    match (access, signed_in) {
        (Access::SignIn, Some(signed_in)) if safe => {
            Redirect::to(app::routes::home(signed_in.actor.role)).into_response()
        }
        (Access::SignIn, _) => next.run(request).await,
        (_, None) => stranger(&request),
        (access, Some(signed_in)) => admit(&state, access, signed_in, request, next).await,
    }
}

/// Puts beside the request who asks and, for a page, what stands around it.
async fn admit(state: &AppState, access: Access, signed_in: SignedIn, mut request: Request, next: Next) -> Response {
    let allowed = access.allows(&signed_in.actor);
    let page = is_page(&request);
    if !allowed {
        let (user, role) = (signed_in.actor.user, signed_in.actor.role.key());
        tracing::warn!(%user, role, path = request.uri().path(), "refused: the role may not");
        if !page {
            return refuse(&request, &ApiError::Forbidden, Refusal::NotAllowed);
        }
        request.extensions_mut().insert(NotAllowed);
    }
    if page {
        let ctx = context(&state.services, &signed_in);
        match state.services.shell_view(&ctx).await {
            Ok(shell) => request.extensions_mut().insert(Frame(shell)),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the frame of a page could not be loaded");
                return Refusal::Unavailable.into_response();
            }
        };
    }
    request.extensions_mut().insert(signed_in);
    let mut response = next.run(request).await;
    if !allowed && response.status().is_success() {
        *response.status_mut() = StatusCode::FORBIDDEN;
    }
    response
}

/// Server functions are answered in their own language, so that the page can say what happened.
fn refuse(request: &Request, call: &ApiError, other: Refusal) -> Response {
    if request.uri().path().starts_with("/api/") {
        let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        (other.status(), json, call.body()).into_response()
    } else {
        other.into_response()
    }
}

/// Whether Leptos will write a document for this.
fn is_page(request: &Request) -> bool {
    let pattern = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let known = pattern.is_none_or(|pattern| permissions::PAGES.iter().any(|(page, _)| *page == pattern));
    known && matches!(*request.method(), Method::GET | Method::HEAD) && !is_program(request.uri())
}

/// Addresses that programs ask, our own pages' Wasm among them. They get a status, not a redirect.
fn is_program(uri: &Uri) -> bool {
    ["/api/", "/events", "/csp-report"].iter().any(|begin| uri.path().starts_with(begin))
}

fn stranger(request: &Request) -> Response {
    let form = request.method() == Method::POST && accepts_html(request.headers());
    if is_page(request) || request.uri().path() == "/" {
        let target = request.uri().path_and_query().map(PathAndQuery::as_str);
        return Redirect::to(&app::routes::login(target.and_then(own_page))).into_response();
    }
    if form {
        // Sent without Wasm: back to the page on which the form stood, once signed in.
        let page = request.headers().get(header::REFERER).and_then(|page| page.to_str().ok()?.parse::<Uri>().ok());
        let target = page.as_ref().and_then(Uri::path_and_query).map(PathAndQuery::as_str);
        return Redirect::to(&app::routes::login(target.and_then(own_page))).into_response();
    }
    refuse(request, &ApiError::NotSignedIn, Refusal::SignInFirst)
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}
