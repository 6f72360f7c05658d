//! Which crates reach the browser. A server crate in the Wasm costs megabytes and is easy to let in by accident.

use anyhow::{Context, Result, bail};

use crate::{
    places::Places,
    process::{answer, cargo},
    toolchain::WASM,
};

/// Crates that must never be compiled into the pages' Wasm.
const SERVER_ONLY: [&str; 14] = [
    "argon2",
    "axum",
    "chrono-tz",
    "hyper",
    "leptos_axum",
    "migrations",
    "mio",
    "rustls",
    "sea-orm",
    "server",
    "services",
    "sqlx-core",
    "store",
    "tower-http",
];

/// An error names the server crates that `frontend` brings into the browser.
pub fn check(places: &Places) -> Result<()> {
    let mut tree = cargo(places);
    tree.args(["tree", "-p", "frontend", "--target", WASM, "-e", "normal", "--prefix", "none", "--format", "{p}"]);
    let tree = answer(&mut tree).context("cargo tree could not list the crates of the Wasm")?;
    let found = forbidden(&tree);
    if !found.is_empty() {
        bail!("server crates would reach the browser: {}", found.join(", "));
    }
    Ok(())
}

fn forbidden(tree: &str) -> Vec<&'static str> {
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    SERVER_ONLY.into_iter().filter(|name| names.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_crates_are_found_by_their_whole_name() {
        assert_eq!(forbidden("frontend v0.1.0 (/x)\nserver_fn v0.8.13\nreactive_stores v0.4.4"), Vec::<&str>::new());
        assert_eq!(forbidden("frontend v0.1.0\naxum v0.8.9\nstore v0.1.0 (/x)"), ["axum", "store"]);
    }
}
