//! The session layer twice, with the plain cookie and with the one for TLS; each request takes the one that fits how
//! its browser came here.

use super::cookie::{NAME, NAME_OVER_TLS};
use super::store::Sessions;
use crate::layers::client::Client;
use axum::extract::Request;
use std::task::{Context, Poll};
use tower::{Layer, Service};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

#[derive(Debug, Clone)]
pub struct SessionLayer {
    plain: SessionManagerLayer<Sessions>,
    over_tls: SessionManagerLayer<Sessions>,
}

impl SessionLayer {
    pub fn new(sessions: Sessions) -> Self {
        // Lax, not Strict: a link in an e-mail has to find its reader signed in. No Max-Age: the server ends sessions.
        let plain = SessionManagerLayer::new(sessions)
            .with_same_site(SameSite::Lax)
            .with_expiry(Expiry::OnSessionEnd)
            .with_path("/")
            .with_http_only(true);
        Self {
            over_tls: plain.clone().with_name(NAME_OVER_TLS).with_secure(true),
            plain: plain.with_name(NAME).with_secure(false),
        }
    }
}

type Managed<S> = <SessionManagerLayer<Sessions> as Layer<S>>::Service;

impl<S: Clone> Layer<S> for SessionLayer {
    type Service = SessionService<Managed<S>>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService { plain: self.plain.layer(inner.clone()), over_tls: self.over_tls.layer(inner) }
    }
}

#[derive(Debug, Clone)]
pub struct SessionService<S> {
    plain: S,
    over_tls: S,
}

impl<S: Service<Request>> Service<Request> for SessionService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        match self.plain.poll_ready(context) {
            Poll::Ready(Ok(())) => self.over_tls.poll_ready(context),
            other => other,
        }
    }

    fn call(&mut self, request: Request) -> S::Future {
        let secure = request.extensions().get::<Client>().is_some_and(|client| client.secure);
        if secure { self.over_tls.call(request) } else { self.plain.call(request) }
    }
}
