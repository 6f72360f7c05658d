//! Node and the packages in `end2end`: Playwright for the browser tests, binaryen for `wasm-opt`.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};

use crate::{
    apt,
    compress::digest,
    places::Places,
    process::{answer, command, find_program, run_quietly, step},
};

/// The oldest Node that the pinned Playwright accepts.
const OLDEST: u32 = 20;

/// Installs Node where it is missing, and the packages where they are missing or not those of the lockfile.
pub fn ensure(places: &Places) -> Result<()> {
    if find_program("node").is_none() {
        apt::install(&["nodejs"], "shrinking the Wasm and testing in a browser")?;
    }
    if find_program("npm").is_none() {
        apt::install(&["npm"], "fetching the browser test tools")?;
    }
    let version = answer(command("node").arg("--version")).context("node is installed but does not start")?;
    if major(&version).is_none_or(|major| major < OLDEST) {
        bail!("Node {version} is too old: install Node {OLDEST} or newer and try again");
    }

    let folder = places.end2end();
    let lock = fs::read(folder.join("package-lock.json")).context("end2end/package-lock.json is missing")?;
    let wanted = digest(&[&lock]);
    let stamp = folder.join("node_modules/.installed");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    step("fetching the packages of end2end (npm ci)");
    let mut ci = command("npm");
    // The tests use the system's Chromium.
    ci.current_dir(&folder).args(["ci", "--no-audit", "--no-fund"]).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    run_quietly(&mut ci).context("npm could not fetch the packages of end2end: check the network and its registry")?;
    fs::write(stamp, wanted)?;
    Ok(())
}

/// A program that one of the packages brings.
pub fn program(places: &Places, name: &str) -> Command {
    command(path(places, name))
}

/// What identifies the installed `wasm-opt`, for deciding whether its output is still good.
pub fn optimiser_version(places: &Places) -> Result<Vec<u8>> {
    Ok(fs::read(places.end2end().join("node_modules/binaryen/package.json"))?)
}

fn path(places: &Places, name: &str) -> PathBuf {
    places.end2end().join("node_modules/.bin").join(name)
}

/// `20` from `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20"), None);
    }
}
