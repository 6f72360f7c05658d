//! Files that a browser loads. Below `/pkg/<hash>/` a name never changes its content and may be kept for ever; the other
//! public files are listed when the server starts, so that no request can name a file that was not meant for it.

use crate::config::HttpConfig;
use crate::state::AppState;
use axum::Router;
use axum::handler::HandlerWithoutStateExt;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::Response;
use std::path::Path;
use tower_http::services::{ServeDir, ServeFile};

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

pub fn routes(config: &HttpConfig) -> Router<AppState> {
    let root = &config.site_root;
    let package = ServeDir::new(root.join("pkg"))
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
        .not_found_service(nothing.into_service());
    let package =
        Router::new().nest_service("/pkg", package).layer(map_response(async |response| keep(response, FOR_EVER)));
    public_files(root).fold(package, |routes, (name, is_folder)| {
        let path = root.join(&name);
        let route = if is_folder {
            let folder =
                ServeDir::new(path).append_index_html_on_directories(false).precompressed_br().precompressed_gzip();
            Router::new().nest_service(&format!("/{name}"), folder.not_found_service(nothing.into_service()))
        } else {
            Router::new()
                .route_service(&format!("/{name}"), ServeFile::new(path).precompressed_br().precompressed_gzip())
        };
        routes.merge(route.layer(map_response(async |response| keep(response, AN_HOUR))))
    })
}

async fn nothing() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "there is no such file")
}

fn keep(mut response: Response, how_long: HeaderValue) -> Response {
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(header::CACHE_CONTROL, how_long);
    }
    response
}

/// Names at the top of the site folder with whether they are folders; without compressed twins and the build's own files.
fn public_files(root: &Path) -> impl Iterator<Item = (String, bool)> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let twin = [".br", ".gz"].iter().any(|ending| name.ends_with(ending));
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        let own = matches!(name.as_str(), "pkg" | "pkg-dir") || name.starts_with('.');
        (plain && !twin && !own).then(|| (name, entry.path().is_dir()))
    })
}
