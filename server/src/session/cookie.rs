//! The session cookie's name and its removal. Over TLS the name starts with `__Host-`, which browsers accept only with
//! `Secure`, `Path=/` and no domain — also when it is removed, which is why the removal is written here.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

pub const NAME: &str = "id";
pub const NAME_OVER_TLS: &str = "__Host-id";

pub fn carries_session(headers: &HeaderMap) -> bool {
    headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok()).any(|cookies| {
        cookies.split(';').any(|cookie| {
            let name = cookie.split('=').next().unwrap_or_default().trim();
            name == NAME || name == NAME_OVER_TLS
        })
    })
}

/// The session layer's own removal cookie lacks the attributes that a `__Host-` cookie needs.
pub async fn complete_removal(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let cookies: Vec<HeaderValue> = response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|cookie| removal(cookie).unwrap_or(cookie.clone()))
        .collect();
    response.headers_mut().remove(header::SET_COOKIE);
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn removal(cookie: &HeaderValue) -> Option<HeaderValue> {
    let text = cookie.to_str().ok()?;
    let full = if text.starts_with("__Host-id=;") {
        "__Host-id=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"
    } else if text.starts_with("id=;") {
        "id=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"
    } else {
        return None;
    };
    Some(HeaderValue::from_static(full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_its_own_cookie_only() {
        for (cookies, expected) in [
            ("id=1", true),
            ("theme=dark; __Host-id=1", true),
            ("ID=1", false),
            ("theme=id=1; kid=2", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookies.parse().unwrap());
            assert_eq!(carries_session(&headers), expected, "{cookies}");
        }
    }

    #[test]
    fn a_removal_keeps_the_attributes_of_the_cookie() {
        let cookie = |text: &str| removal(&HeaderValue::from_str(text).unwrap());
        assert_eq!(
            cookie("__Host-id=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT").unwrap(),
            "__Host-id=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"
        );
        assert_eq!(cookie("id=abc; Path=/"), None);
        assert_eq!(cookie("theme=; Max-Age=0"), None);
    }
}
