//! A Wasm toolchain from Debian packages, for machines where rustup cannot reach its server.
//!
//! Debian ships the compiler and the library's source, but no compiled library for Wasm. So the library is compiled
//! once (about a minute) and laid beside links to Debian's own files in a folder of the user; nothing that dpkg owns
//! is changed. `RUSTC_BOOTSTRAP` is set for that one build and never for the project's.

use std::{
    env, fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    apt,
    process::{answer, command, find_program, run, run_quietly, step},
    rustup,
    toolchain::{WASM, has_wasm},
};

/// The name that rustup knows it by: `cargo +debian …`.
pub const NAME: &str = "debian";
const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
/// Beside the compiled library: the compiler that made it.
const STAMP: &str = "compiled-by";

/// Whether the toolchain is there and its library was made by the compiler that is installed now.
pub fn is_current() -> bool {
    let Ok(root) = root() else { return false };
    let stamp = fs::read_to_string(library(&root).join(STAMP)).ok();
    stamp.is_some() && stamp == version() && has_wasm(command("rustc").arg(format!("+{NAME}")))
}

/// Installs the packages, compiles the library, links the toolchain.
pub fn make() -> Result<()> {
    if !rustup::is_there() {
        bail!("rustup is missing, and without it cargo cannot choose between two compilers");
    }
    apt::install(&["rustc-web", "cargo-web", "rust-web-src"], "compiling Wasm")?;
    let version = version().context("Debian's rustc does not start")?;
    let lld = format!("lld-{}", llvm_major(&version).context("Debian's rustc does not name its LLVM")?);
    apt::install(&[&lld], "linking Wasm")?;

    let root = root()?;
    step("compiling Rust's library for Wasm (about a minute, once)");
    let host =
        answer(command(RUSTC).args(["--print", "host-tuple"])).context("Debian's rustc does not name its host")?;
    lay_out(&root, &host, &lld)?;
    compile_library(&root, &lld.replace("lld-", "wasm-ld-"))?;
    run(command("rustup").args(["toolchain", "link", NAME]).arg(&root))?;
    // Last, so that an interrupted run is taken up again.
    fs::write(library(&root).join(STAMP), &version)?;
    Ok(())
}

/// The toolchain's folder, per user: it outlives `cargo clean` and serves several checkouts.
fn root() -> Result<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    Ok(cache.context("neither XDG_CACHE_HOME nor HOME is set")?.join("signalbox/wasm-toolchain"))
}

fn library(root: &Path) -> PathBuf {
    root.join("lib/rustlib").join(WASM).join("lib")
}

fn version() -> Option<String> {
    answer(command(RUSTC).arg("-vV"))
}

/// `22` from a line `LLVM version: 22.1.8`.
fn llvm_major(version: &str) -> Option<&str> {
    version.lines().find_map(|line| line.strip_prefix("LLVM version: "))?.split('.').next()
}

/// Debian's compiler and linker under the names and in the places that a toolchain has.
fn lay_out(root: &Path, host: &str, lld: &str) -> Result<()> {
    let _ = fs::remove_dir_all(root);
    let system = PathBuf::from(answer(command(RUSTC).args(["--print", "sysroot"])).context("rustc has no sysroot")?);
    let host_folder = root.join("lib/rustlib").join(host);
    fs::create_dir_all(host_folder.join("bin"))?;
    fs::create_dir_all(library(root))?;
    fs::create_dir_all(root.join("bin"))?;
    symlink(system.join("lib/rustlib").join(host).join("lib"), host_folder.join("lib"))?;
    let linker = find_program(lld).with_context(|| format!("{lld} is installed but not on the search path"))?;
    symlink(linker, host_folder.join("bin/rust-lld"))?;
    symlink(CARGO, root.join("bin/cargo"))?;
    // rustc finds its library from where it lies, so a link would lead back to Debian's.
    let script = root.join("bin/rustc");
    fs::write(&script, format!("#!/bin/sh\nexec {RUSTC} --sysroot '{}' \"$@\"\n", root.display()))?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// Compiles the library inside an empty crate and copies what comes out.
fn compile_library(root: &Path, linker: &str) -> Result<()> {
    let krate = root.join("build");
    fs::create_dir_all(krate.join("src"))?;
    fs::write(krate.join("src/lib.rs"), "")?;
    fs::write(
        krate.join("Cargo.toml"),
        "[package]\nname = \"library-for-wasm\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n",
    )?;
    let mut build = command(CARGO);
    build.current_dir(&krate).env("RUSTC", RUSTC).env("RUSTC_BOOTSTRAP", "1").env_remove("RUSTFLAGS");
    build.env_remove("CARGO_TARGET_DIR").env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    build.args(["build", "--release", "-Zbuild-std=std,panic_abort,test", "--target", WASM]);
    run_quietly(&mut build)?;

    for entry in krate.join("target").join(WASM).join("release/deps").read_dir()?.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "rlib") {
            fs::copy(&path, library(root).join(entry.file_name()))?;
        }
    }
    fs::remove_dir_all(&krate)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linker_fits_the_compilers_llvm() {
        assert_eq!(llvm_major("rustc 1.96.0\nhost: x\nLLVM version: 22.1.8"), Some("22"));
        assert_eq!(llvm_major("rustc 1.96.0"), None);
    }
}
