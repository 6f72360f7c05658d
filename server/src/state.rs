//! What every handler and layer can reach. One value, cheap to clone, made once by `commands::serve` or by a test.

use crate::config::HttpConfig;
use crate::layers::bearer::TokenLimit;
use crate::session::sign_in_limit::SignInLimit;
use crate::session::stream_limit::StreamLimit;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use services::Services;
use services::ports::{Clock, Ids};
use std::sync::Arc;
use store::Db;
use tokio_util::sync::CancellationToken;

#[derive(Clone)]
pub struct AppState {
    pub services: Services,
    /// For sessions, health and the live stream, which are no use cases.
    pub db: Db,
    pub ids: Arc<dyn Ids>,
    /// The real time. A session must not end early because the demo clock runs fast.
    pub session_clock: Arc<dyn Clock>,
    pub config: Arc<HttpConfig>,
    pub options: LeptosOptions,
    pub sign_in_limit: Arc<SignInLimit>,
    pub token_limit: Arc<TokenLimit>,
    pub streams: StreamLimit,
    /// Cancelled when the server stops; streams end with it.
    pub shutdown: CancellationToken,
}

pub struct AppParts {
    pub services: Services,
    pub db: Db,
    pub ids: Arc<dyn Ids>,
    pub session_clock: Arc<dyn Clock>,
    pub config: HttpConfig,
    pub shutdown: CancellationToken,
}

impl AppState {
    pub fn new(parts: AppParts) -> Self {
        let options = LeptosOptions::builder()
            // The same name is compiled into the page by .cargo/config.toml (it decides the Wasm file's name).
            .output_name("signalbox")
            .site_root(parts.config.site_root.to_string_lossy())
            .site_pkg_dir(parts.config.package_dir())
            .build();
        Self {
            services: parts.services,
            db: parts.db,
            ids: parts.ids,
            session_clock: parts.session_clock,
            options,
            sign_in_limit: Arc::new(SignInLimit::new(parts.config.sign_ins_per_minute)),
            token_limit: Arc::new(TokenLimit::new(parts.config.token_requests_per_minute)),
            streams: StreamLimit::default(),
            config: Arc::new(parts.config),
            shutdown: parts.shutdown,
        }
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.options.clone()
    }
}
