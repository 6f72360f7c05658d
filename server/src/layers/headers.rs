//! Headers that tell the browser what to refuse, and the nonce that lets our own script run. The nonce is made here,
//! before the page, and reaches Leptos through the request (`router.rs`).

use super::client::Client;
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Lets a `<script>` of ours run. New for every answer.
#[derive(Debug, Clone)]
pub struct CspNonce(pub String);

/// 128 bits, as the CSP specification asks for.
const NONCE_BYTES: usize = 16;

const FIXED: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Not `no-referrer`: forms without Wasm return to the page that sent them.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("reporting-endpoints"), "csp=\"/csp-report\""),
];
/// Two years, the value that browsers' preload lists ask for.
const HSTS: &str = "max-age=63072000; includeSubDomains";

pub async fn headers(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let nonce = URL_SAFE_NO_PAD.encode(&state.ids.bytes32()[..NONCE_BYTES]);
    let secure = request.extensions().get::<Client>().is_some_and(|client| client.secure);
    request.extensions_mut().insert(CspNonce(nonce.clone()));
    let mut response = next.run(request).await;
    add(response.headers_mut(), &nonce, secure);
    response
}

fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; report-uri /csp-report; report-to csp"
    )
}

fn add(headers: &mut HeaderMap, nonce: &str, secure: bool) {
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy(nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    // Assets say themselves how long they hold; everything else may show what only this person may see.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_says_nothing_is_not_stored() {
        let mut headers = HeaderMap::new();
        add(&mut headers, "abc", false);
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public"));
        add(&mut headers, "abc", true);
        assert_eq!(headers[header::CACHE_CONTROL], "public");
        assert_eq!(headers[header::STRICT_TRANSPORT_SECURITY], HSTS);
    }
}
