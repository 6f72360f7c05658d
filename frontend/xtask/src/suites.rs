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
pub const HOST_CRATES: [&str; 14] = [
    "-p",
    "domain",
    "-p",
    "migrations",
    "-p",
    "store",
    "-p",
    "services",
    "-p",
    "app",
    "-p",
    "server",
    "--features",
    "app/ssr",
];

/// Runs everything, also after a failure. A suite that cannot run, or that runs no test, counts as one failure.
pub fn run_all(places: &Places, filter: Option<&str>) -> ExitCode {
    let mut total = Count::default();
    let mut record = |name: &str, result: Result<Count>| {
        let count = result
            .and_then(|count| if count.total() == 0 && filter.is_none() { bail!("it ran no test") } else { Ok(count) });
        match count {
            Ok(count) => {
                step(&format!("{name}: {} passed, {} failed", count.passed, count.failed));
                total += count;
            }
            Err(error) => {
                eprintln!("error: {name}: {error:#}");
                total += Count::FAILED;
            }
        }
    };

    if filter.is_none() {
        record("domain compiles for the browser", check(pure_domain(places)));
        record("no server crate reaches the browser", check(graph::check(places)));
    }
    let built = build_tests(places);
    let compiled = built.is_ok();
    record("Rust tests", built.and_then(|()| rust(places, filter)));
    match site::build(places, Flavour::Release) {
        Ok(site) => {
            if filter.is_none() {
                record("sizes", check(size::check(&site)));
            }
            if !compiled {
                record("browser tests", Err(anyhow::anyhow!("there is no server to test")));
            } else if has_specs(places) {
                record("browser tests", in_browser(places, &site, filter));
            } else {
                step("browser tests: end2end has none yet, 0 passed, 0 failed");
            }
        }
        Err(error) => record("site", Err(error)),
    }

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

fn rust(places: &Places, filter: Option<&str>) -> Result<Count> {
    // Where the caller has a server, the suites use that one.
    let server = match std::env::var(postgres::URL) {
        Ok(_) => None,
        Err(_) => Some(Postgres::start(places)?),
    };
    let mut count = Count::default();
    for crates in [&HOST_CRATES[..], &["-p", "xtask"]] {
        step(&format!("running the tests of {}", crates.join(" ")));
        let mut tests = cargo(places);
        tests.args(["test", "--no-fail-fast"]).args(crates).args(filter);
        if let Some(server) = &server {
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
