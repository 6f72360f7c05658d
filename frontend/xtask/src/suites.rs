//! `cargo xtask test`: every suite, one after the other, and one line at the end that counts them all.

use std::{fs, process::ExitCode};

use anyhow::{Result, bail};

use crate::{
    browser,
    compress::files_under,
    graph, node,
    places::Places,
    postgres::{self, Postgres},
    process::{cargo, run, run_reading, step},
    site::{self, Flavour, Site},
    size,
    summary::{Count, of_cargo, of_playwright},
    toolchain::Toolchain,
};

/// Selects every crate of the server side, with the features that they have in the product: one graph, built once.
pub const HOST_CRATES: [&str; 16] = [
    "-p",
    "domain",
    "-p",
    "migrations",
    "-p",
    "store",
    "-p",
    "services",
    "-p",
    "simulation",
    "-p",
    "app",
    "-p",
    "server",
    "--features",
    "app/ssr",
];

/// What has passed and failed so far.
struct Tally {
    total: Count,
    /// Whether only tests with a certain name run, so that a suite may well have none.
    filtered: bool,
}

impl Tally {
    /// Counts a suite and says how it went. One that cannot run, or that runs no test, is one failure.
    fn record(&mut self, name: &str, result: Result<Count>) {
        let count = result
            .and_then(|count| if count.total() == 0 && !self.filtered { bail!("it ran no test") } else { Ok(count) });
        match count {
            Ok(count) => {
                step(&format!("{name}: {} passed, {} failed", count.passed, count.failed));
                self.total += count;
            }
            Err(error) => {
                eprintln!("error: {name}: {error:#}");
                self.total += Count::FAILED;
            }
        }
    }

    /// What a suite needs, if it can be had; else that is one failure, and the suite runs without.
    fn need<T>(&mut self, name: &str, result: Result<Option<T>>) -> Option<T> {
        result.unwrap_or_else(|error| {
            self.record(name, Err(error));
            None
        })
    }
}

/// Runs everything, also after a failure.
pub fn run_all(places: &Places, filter: Option<&str>) -> ExitCode {
    let mut tally = Tally { total: Count::default(), filtered: filter.is_some() };
    if filter.is_none() {
        tally.record("domain compiles for the browser", check(pure_domain(places)));
        tally.record("no server crate reaches the browser", check(graph::check(places)));
    }
    let built = build_tests(places);
    let compiled = built.is_ok();
    // Before the Rust tests: one of them asks the server for every file of the built site.
    let site = site::build(places, Flavour::Release);
    let postgres = if compiled { tally.need("PostgreSQL", own_postgres(places)) } else { None };
    tally.record("Rust tests", built.and_then(|()| rust(places, filter, postgres.as_ref())));
    drop(postgres);
    match site {
        Ok(site) => {
            if filter.is_none() {
                tally.record("sizes", check(size::check(&site)));
            }
            if !compiled {
                tally.record("browser tests", Err(anyhow::anyhow!("there is no server to test")));
            } else if has_specs(places) {
                tally.record("browser tests", in_browser(places, &site, filter));
            } else {
                step("browser tests: end2end has none yet, 0 passed, 0 failed");
            }
        }
        Err(error) => tally.record("site", Err(error)),
    }

    let total = tally.total;
    if total.total() == 0 {
        eprintln!("error: no test has this in its name: {}", filter.unwrap_or_default());
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 && total.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check(result: Result<()>) -> Result<Count> {
    result.map(|()| Count::PASSED)
}

/// `domain` alone, so that a dependency which only works on the server is seen in the crate that let it in.
fn pure_domain(places: &Places) -> Result<()> {
    let toolchain = Toolchain::ensure()?;
    step("checking that domain compiles for the browser");
    run(toolchain.cargo(places, "check").args(["-p", "domain"]))
}

/// Compiles tests and server first, so that a compile error is told apart from a failing test.
fn build_tests(places: &Places) -> Result<()> {
    step("building the Rust tests and the server");
    run(cargo(places).args(["test", "--no-run"]).args(HOST_CRATES))?;
    run(cargo(places).args(["test", "--no-run", "-p", "xtask"]))
}

/// A server for the suites; none where the caller has one, which they find by themselves.
fn own_postgres(places: &Places) -> Result<Option<Postgres>> {
    if std::env::var_os(postgres::URL).is_some() { Ok(None) } else { Postgres::start(places).map(Some) }
}

/// Without a server, the tests that want one say that they did not run.
fn rust(places: &Places, filter: Option<&str>, server: Option<&Postgres>) -> Result<Count> {
    let mut count = Count::default();
    for crates in [&HOST_CRATES[..], &["-p", "xtask"]] {
        step(&format!("running the tests of {}", crates.join(" ")));
        let mut tests = cargo(places);
        tests.args(["test", "--no-fail-fast"]).args(crates).args(filter);
        if let Some(server) = server {
            tests.env(postgres::URL, &server.url);
        }
        let mut part = Count::default();
        let ok = run_reading(&mut tests, |line| part += of_cargo(line).unwrap_or_default())?;
        if !ok && part.failed == 0 {
            // A test program that was ended by a signal prints no result.
            part += Count::FAILED;
        }
        count += part;
    }
    Ok(count)
}

/// Whether anyone has written a browser test yet.
fn has_specs(places: &Places) -> bool {
    let Ok(entries) = places.end2end().read_dir() else { return false };
    let folders = entries.flatten().map(|entry| entry.path()).filter(|path| !path.ends_with("node_modules"));
    let mut files =
        folders.flat_map(|path| if path.is_dir() { files_under(&path).unwrap_or_default() } else { vec![path] });
    files.any(|path| path.to_string_lossy().ends_with(".spec.ts"))
}

fn in_browser(places: &Places, site: &Site, filter: Option<&str>) -> Result<Count> {
    let tools = node::ensure(places)?;
    let chromium = browser::ensure()?;
    step("running the browser tests");
    let mut tests = tools.program("playwright");
    tests.current_dir(places.end2end()).args(["test", "--reporter=list"]);
    if let Some(filter) = filter {
        tests.args(["--grep", filter, "--pass-with-no-tests"]);
    }
    tests.env("SIGNALBOX_BIN", places.target().join("debug/signalbox"));
    tests.env("SIGNALBOX_SITE_ROOT", fs::canonicalize(&site.root)?);
    tests.env("CHROMIUM_PATH", chromium);
    let mut count = Count::default();
    let ok = run_reading(&mut tests, |line| count += of_playwright(line).unwrap_or_default())?;
    if !ok && count.failed == 0 {
        bail!("Playwright failed without naming a test");
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_runs_without_what_cannot_be_had_and_that_is_one_failure() {
        let mut tally = Tally { total: Count::default(), filtered: false };
        assert_eq!(tally.need::<()>("PostgreSQL", Err(anyhow::anyhow!("there is none"))), None);
        assert_eq!(tally.need("PostgreSQL", Ok(Some(5432))), Some(5432));
        assert_eq!(tally.need::<()>("PostgreSQL", Ok(None)), None, "the caller's own is no failure");
        tally.record("Rust tests", Ok(Count { passed: 7, failed: 0 }));
        assert_eq!(tally.total, Count { passed: 7, failed: 1 });
    }

    #[test]
    fn a_suite_without_tests_fails_unless_names_were_chosen() {
        for (filtered, failed) in [(false, 1), (true, 0)] {
            let mut tally = Tally { total: Count::default(), filtered };
            tally.record("Rust tests", Ok(Count::default()));
            assert_eq!(tally.total, Count { passed: 0, failed });
        }
    }
}
