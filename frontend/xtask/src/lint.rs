//! `cargo xtask lint`: formatting, clippy for every crate, and the Wasm side compiled without warnings.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{
    graph,
    places::Places,
    process::{cargo, run, step},
    suites::HOST_CRATES,
    toolchain::Toolchain,
};

/// Runs all of them and names those that failed.
pub fn run_all(places: &Places) -> Result<()> {
    let mut failed = Vec::new();
    let mut check = |name: &'static str, result: Result<()>| {
        if let Err(error) = result {
            eprintln!("error: {error:#}");
            failed.push(name);
        }
    };

    step("formatting");
    check("formatting", run(cargo(places).args(["fmt", "--all", "--", "--check"])));
    step("server crates reaching the browser");
    check("crates of the Wasm", graph::check(places));
    step("clippy on the host crates and their tests");
    check("clippy", run(cargo(places).arg("clippy").args(HOST_CRATES).args(["--all-targets", "--", "-D", "warnings"])));
    check(
        "clippy of xtask",
        run(cargo(places).args(["clippy", "-p", "xtask", "--all-targets", "--", "-D", "warnings"])),
    );
    step("the browser's side of the app");
    check("Wasm", Toolchain::ensure().and_then(|toolchain| run(&mut wasm(places, toolchain))));
    check(
        "Wasm entry",
        Toolchain::ensure().and_then(|toolchain| run(toolchain.cargo(places, "check").args(["-p", "frontend"]))),
    );

    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    step("no complaints");
    Ok(())
}

/// Debian's toolchain has no clippy, so there the compiler's own warnings must do.
fn wasm(places: &Places, toolchain: Toolchain) -> Command {
    let mut lint = match toolchain {
        Toolchain::Native => toolchain.cargo(places, "clippy"),
        Toolchain::Debian => toolchain.cargo(places, "rustc"),
    };
    lint.args(["-p", "app", "--lib", "--features", "hydrate"]);
    if toolchain == Toolchain::Debian {
        lint.args(["--profile", "check"]);
    }
    lint.args(["--", "-D", "warnings"]);
    lint
}
