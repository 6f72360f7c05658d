//! Takes U+0000 out of what a request says, whichever way it says it: no text has it, and PostgreSQL keeps none that has.
//! U+FFFD stands in its place, so that nothing that was around it comes together, and a report is not refused for its log.

use crate::layers::body_limit::BODY_BYTES_MAX;
use crate::refusal::Refusal;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const IN_ADDRESS: (&str, &str) = ("%00", "%EF%BF%BD");
const IN_JSON: (&[u8], &[u8]) = (br"\u0000", br"\ufffd");

/// Stands inside `body_limit`, which has read the body.
pub async fn nul(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Some(uri) = without_nul(&parts.uri) {
        parts.uri = uri;
    }
    let Ok(bytes) = to_bytes(body, BODY_BYTES_MAX).await else { return Refusal::BodyUnreadable.into_response() };
    let replaced = match parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) {
        Some(kind) if kind.contains("json") => in_json(&bytes),
        Some(kind) if kind.starts_with("application/x-www-form-urlencoded") => in_form(&bytes),
        _ => None,
    };
    let body = match replaced {
        Some(replaced) => {
            count_anew(&mut parts, replaced.len());
            Body::from(replaced)
        }
        None => Body::from(bytes),
    };
    next.run(Request::from_parts(parts, body)).await
}

fn count_anew(parts: &mut Parts, length: usize) {
    if parts.headers.contains_key(header::CONTENT_LENGTH) {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
}

/// `None` where there is none.
fn without_nul(uri: &Uri) -> Option<Uri> {
    let (nul, instead) = IN_ADDRESS;
    let asked = uri.path_and_query().filter(|asked| asked.as_str().contains(nul))?;
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(asked.as_str().replace(nul, instead)).ok()?);
    Uri::from_parts(parts).ok()
}

fn in_form(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok().filter(|text| text.contains(IN_ADDRESS.0) || text.contains('\0'))?;
    Some(text.replace(IN_ADDRESS.0, IN_ADDRESS.1).replace('\0', IN_ADDRESS.1).into_bytes())
}

/// JSON has it only as an escape. What follows an escaped backslash is text.
fn in_json(body: &[u8]) -> Option<Vec<u8>> {
    let (nul, instead) = IN_JSON;
    if !body.windows(nul.len()).any(|window| window == nul) {
        return None;
    }
    let (mut written, mut rest) = (Vec::with_capacity(body.len()), body);
    while let Some(first) = rest.first() {
        let (taken, left) = match (rest.strip_prefix(nul), first) {
            (Some(left), _) => (instead, left),
            (None, b'\\') => rest.split_at(rest.len().min(2)),
            (None, _) => rest.split_at(1),
        };
        written.extend_from_slice(taken);
        rest = left;
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(body: &str) -> Option<String> {
        in_json(body.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn only_what_is_read_as_nul_is_replaced() {
        assert_eq!(json(r#"{"reason": "a\u0000b\u0000"}"#).as_deref(), Some(r#"{"reason": "a\ufffdb\ufffd"}"#));
        assert_eq!(json(r#"{"reason": "a\\u0000 \n\u0041"}"#).as_deref(), Some(r#"{"reason": "a\\u0000 \n\u0041"}"#));
        assert_eq!(json(r#"["\\\u0000"]"#).as_deref(), Some(r#"["\\\ufffd"]"#));
        assert_eq!(json(r#"{"reason": "u0000"}"#), None);
        assert_eq!(json(r"\u0000\").as_deref(), Some(r"\ufffd\"), "what is no JSON is refused elsewhere");
    }

    #[test]
    fn addresses_and_forms_lose_it_too() {
        let uri = |text: &str| without_nul(&text.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(uri("/environments?q=a%00b").as_deref(), Some("/environments?q=a%EF%BF%BDb"));
        assert_eq!(uri("/environments?q=a%2500b"), None, "a percent sign and two digits");
        assert_eq!(in_form(b"reason=a%00b&x=\0").as_deref(), Some(&b"reason=a%EF%BF%BDb&x=%EF%BF%BD"[..]));
        assert_eq!(in_form(b"reason=ab"), None);
        assert_eq!(in_form(b"%%0000").as_deref(), Some(&b"%%EF%BF%BD00"[..]), "nothing comes together");
    }
}
