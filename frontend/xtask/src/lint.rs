//! `cargo xtask lint`: formatting, clippy for every crate, and the Wasm side compiled without warnings.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{
    graph,
    places::Places,
    process::{answer, cargo, run, step},
    rustup,
    suites::HOST_CRATES,
    toolchain::Toolchain,
};

/// What rustup's minimal profile leaves out: the component and the cargo command that it brings.
const COMPONENTS: [(&str, &str); 2] = [("rustfmt", "fmt"), ("clippy", "clippy")];

/// Runs all of them and names those that failed.
pub fn run_all(places: &Places) -> Result<()> {
    ensure_components(places)?;
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

/// Adds the formatter and the linter where they are missing. Without them there is nothing to run.
fn ensure_components(places: &Places) -> Result<()> {
    let works = |subcommand: &str| answer(cargo(places).args([subcommand, "--version"])).is_some();
    let absent = missing(works);
    if absent.is_empty() {
        return Ok(());
    }
    let (names, words) = (absent.join(" "), absent.join(" and "));
    if rustup::is_there() {
        step(&format!("adding {words} to the Rust toolchain: the lints need it"));
        match rustup::add(&[&["component", "add"], &absent[..]].concat()) {
            Ok(()) if missing(works).is_empty() => return Ok(()),
            Ok(()) => step("rustup added it to another compiler than the one in use"),
            Err(error) => step(&format!("{error:#}")),
        }
        bail!("the Rust toolchain lacks {words}: run `rustup component add {names}` and try again");
    }
    bail!("the Rust toolchain lacks {words}, and there is no rustup to add it: install it the way you installed cargo");
}

/// The components whose command does not work.
fn missing(works: impl Fn(&str) -> bool) -> Vec<&'static str> {
    COMPONENTS.into_iter().filter(|(_, subcommand)| !works(subcommand)).map(|(component, _)| component).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_does_not_work_is_added() {
        assert_eq!(missing(|_| false), ["rustfmt", "clippy"]);
        assert_eq!(missing(|subcommand| subcommand == "fmt"), ["clippy"]);
        assert!(missing(|_| true).is_empty());
    }
}
