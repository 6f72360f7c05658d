//! The browser that the tests drive: the system's Chromium, not a download.

use std::{env, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::{apt, process::find_program};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Finds Chromium or installs it. `CHROMIUM_PATH` chooses another one.
pub fn ensure() -> Result<PathBuf> {
    if let Some(path) = env::var_os("CHROMIUM_PATH").map(PathBuf::from) {
        if path.is_file() {
            return Ok(path);
        }
        bail!("CHROMIUM_PATH names {}, which is not there", path.display());
    }
    if let Some(path) = NAMES.iter().find_map(|name| find_program(name)) {
        return Ok(path);
    }
    apt::install(&["chromium"], "testing in a browser")?;
    find_program("chromium").context("Debian's chromium is installed but not on the search path")
}
