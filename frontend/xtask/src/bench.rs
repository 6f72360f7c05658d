//! `cargo xtask bench`: every benchmark, each printing its table. Quiet machines only: two sessions on two cores measure each
//! other.

use std::process::ExitCode;

use anyhow::Result;

use crate::{
    places::Places,
    process::{cargo, step},
};

/// What it measures, its crate with features, its name.
const BENCHMARKS: [(&str, &[&str], &str); 2] = [
    ("the gate on failures: false halts, and exposure before a halt", &["-p", "domain"], "halting"),
    ("the engine over a whole fleet", &["-p", "services", "--features", "testing"], "scale"),
];

/// Runs all of them; fails where one broke a promise.
pub fn run_all(places: &Places, environments: u32) -> Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for (what, selection, name) in BENCHMARKS {
        step(&format!("benchmark: {what}"));
        let mut bench = cargo(places);
        bench.arg("bench").args(selection).args(["--bench", name]);
        if name == "scale" {
            bench.args(["--", "--environments", &environments.to_string()]);
        }
        if !bench.status()?.success() {
            eprintln!("error: {name} did not keep what was promised");
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}
