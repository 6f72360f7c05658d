//! The only place that touches the HTTP request and response. In the browser there is neither, and the same calls do
//! nothing, so that pages need not ask where they run.

/// The status of the page that is being written.
pub fn set_status(code: u16) {
    #[cfg(feature = "ssr")]
    server::set_status(code);
    #[cfg(not(feature = "ssr"))]
    let _ = code;
}

#[cfg(feature = "ssr")]
pub use server::{accepts_html, extension, is_form_post, path, referer, see_other};

#[cfg(feature = "ssr")]
mod server {
    use http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
    use leptos::context::use_context;
    use leptos_axum::ResponseOptions;

    /// A form sent by the browser itself is answered by a redirect, whose status must stand.
    pub fn set_status(code: u16) {
        if let (Some(response), Ok(status), false) =
            (use_context::<ResponseOptions>(), StatusCode::from_u16(code), is_form_post())
        {
            response.set_status(status);
        }
    }

    /// Sends the browser to another page with GET.
    pub fn see_other(path: &str) {
        if let (Some(response), Ok(location)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(path)) {
            response.set_status(StatusCode::SEE_OTHER);
            response.insert_header(header::LOCATION, location);
        }
    }

    /// What a layer of the server put beside the request.
    pub fn extension<T: Clone + Send + Sync + 'static>() -> Option<T> {
        use_context::<Parts>()?.extensions.get::<T>().cloned()
    }

    /// Of the page that is being written.
    pub fn path() -> Option<String> {
        Some(use_context::<Parts>()?.uri.path().to_owned())
    }

    /// The browser posted a form without Wasm: it wants a page, not data.
    pub fn is_form_post() -> bool {
        use_context::<Parts>().is_some_and(|parts| parts.method == Method::POST && accepts_html(&parts))
    }

    pub fn accepts_html(parts: &Parts) -> bool {
        value(parts, &header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
    }

    /// The page that the form stood on.
    pub fn referer() -> Option<String> {
        value(&use_context::<Parts>()?, &header::REFERER).map(ToOwned::to_owned)
    }

    fn value<'a>(parts: &'a Parts, name: &HeaderName) -> Option<&'a str> {
        parts.headers.get(name)?.to_str().ok()
    }
}
