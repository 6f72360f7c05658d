//! What was typed into the email field of a sign-in that was refused, on its way back into the field. A cookie of a
//! minute carries it, not the address: people type their password into the wrong field, and an address stays in the
//! history of the browser and in the logs of proxies. The page that shows it takes the cookie away.

use crate::layers::client::Client;
use app::api::context::TypedEmail;
use app::query::Query;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;

const NAME: &str = "typed";
/// As with the session's cookie, browsers take such a name only with `Secure`, `Path=/` and no domain.
const NAME_OVER_TLS: &str = "__Host-typed";
const EMAIL: &str = "email";
const SECONDS_KEPT: u32 = 60;
/// Longer than any address that can be delivered to (RFC 5321: 254); a cookie of 4096 bytes holds it, however written.
const EMAIL_CHARS_MAX: usize = 320;

/// Sends it along with the redirect to the form. An empty field is empty without help.
pub fn keep(response: &mut Response, email: &str, secure: bool) {
    let email: String = email.chars().take(EMAIL_CHARS_MAX).collect();
    if !email.is_empty() {
        // Written as in an address, because a cookie may hold neither blanks, `;` nor anything outside ASCII.
        set(response, secure, &Query::default().set(EMAIL, email).to_string(), SECONDS_KEPT);
    }
}

/// Puts it beside the request for the form, once.
pub async fn bring_back(mut request: Request, next: Next) -> Response {
    let secure = request.extensions().get::<Client>().is_some_and(|client| client.secure);
    let for_form = request.method() == Method::GET && request.uri().path() == app::routes::LOGIN;
    let Some(email) = for_form.then(|| kept(request.headers(), secure)).flatten() else {
        return next.run(request).await;
    };
    request.extensions_mut().insert(TypedEmail(email));
    let mut response = next.run(request).await;
    set(&mut response, secure, "", 0);
    response
}

fn kept(headers: &HeaderMap, secure: bool) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    let (_, value) = pairs.find(|(known, _)| *known == name(secure))?;
    // Whoever writes a cookie may write a longer one.
    Some(Query::parse(value).get(EMAIL).chars().take(EMAIL_CHARS_MAX).collect())
}

const fn name(secure: bool) -> &'static str {
    if secure { NAME_OVER_TLS } else { NAME }
}

fn set(response: &mut Response, secure: bool, value: &str, seconds: u32) {
    let (name, over_tls) = (name(secure), if secure { "; Secure" } else { "" });
    let cookie = format!("{name}={value}; HttpOnly; SameSite=Lax{over_tls}; Path=/; Max-Age={seconds}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_cookie_of_this_way_here_is_read() {
        let read = |cookies: &str, secure| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookies.parse().unwrap());
            kept(&headers, secure)
        };
        let ada = Some("ada+x@contoso.example".to_owned());
        assert_eq!(read("id=1; typed=email=ada%2Bx%40contoso.example", false), ada);
        assert_eq!(read("__Host-typed=email=ada%2Bx%40contoso.example; id=1", true), ada);
        assert_eq!(read("typed=email=planted", true), None);
        assert_eq!(read("id=1; mistyped=email=x", false), None);
        assert_eq!(read("typed=", false).as_deref(), Some(""));
    }

    #[test]
    fn whatever_is_typed_fits_into_a_cookie() {
        let mut response = Response::default();
        keep(&mut response, &"🚂".repeat(1_000), true);
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.split(';').next().unwrap().len() <= 4_096, "{}", cookie.len());
        let mut response = Response::default();
        keep(&mut response, "", true);
        assert!(response.headers().is_empty());
    }
}
