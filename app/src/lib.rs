//! The web application: everything that is compiled twice, for the server (`ssr`) and for the browser (`hydrate`).
//!
//! | room | holds |
//! |---|---|
//! | [`shell`] | the HTML document around the application |
//! | [`app`] | what every page shares, and which page an address means |
//! | [`frame`] | the rail, the top bar and the status line around signed-in pages |
//! | [`routes`], [`params`], [`query`] | every own address, in one place |
//! | [`areas`] | what a browser loads apart, and when |
//! | [`api`] | server functions, one file per noun: context → one service call → view |
//! | [`pages`] | one file per address: load, compose, say what went wrong |
//! | [`components`], [`layout`] | visible parts: props in, events out |
//! | [`json`] | reading what the server wrote |
//! | [`state`] | what outlives a page: who is signed in, live changes, forms |
//! | [`platform`] | the only place that touches the HTTP request and response |
//!
//! The wall between the builds is the feature `ssr`: `services`, `axum` and `leptos_axum` exist only behind it, so nothing
//! of the server can reach the browser. Rules are not here; they are in `domain`.

#![recursion_limit = "256"]

pub mod api;
pub mod app;
pub mod areas;
pub mod components;
pub mod format;
pub mod frame;
pub mod json;
pub mod layout;
pub mod pages;
pub mod params;
pub mod platform;
pub mod query;
pub mod routes;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod state;

pub use app::App;
#[cfg(feature = "ssr")]
pub use shell::shell;

/// Takes over the page that the server wrote, once the Wasm of its area is there. Where that cannot be had the page stays
/// as it is: every link and form of it works without.
#[cfg(feature = "hydrate")]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let path = leptos::prelude::window().location().pathname().unwrap_or_default();
    if let Some(area) = areas::Area::of(&path)
        && area.load().await.is_err()
    {
        return;
    }
    leptos::mount::hydrate_body(App);
}
