//! The build and test driver: `cargo xtask serve`, `test`, `simulate`, `dev`, `build`, `bench`, `size`, `lint`.
//!
//! Here: the commands and which steps each one takes. One file per concern does the work. Nothing of the product
//! belongs in this crate, and nothing here is needed to run `signalbox` once it is built.

mod apt;
mod areas;
mod bench;
mod browser;
mod compress;
mod debian_toolchain;
mod dev;
mod graph;
mod lint;
mod node;
mod places;
mod postgres;
mod process;
mod rustup;
mod serve;
mod server;
mod simulate;
mod site;
mod size;
mod style;
mod suites;
mod summary;
mod toolchain;
mod unused;
mod wasm;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{places::Places, process::step};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, tests and serves Signalbox. Every command installs what is missing.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and serve a demo fleet.
    Serve {
        #[arg(long, default_value = "127.0.0.1:3000")]
        addr: String,
        /// Passed to `signalbox serve` as they are.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Run every test: unit, both databases, browser. Ends with one line `N passed, N failed`.
    Test {
        /// Only tests whose name contains this.
        filter: Option<String>,
    },
    /// Run the benchmarks and print their tables; fails where a promise is broken.
    Bench {
        /// Of the fleet that the engine is measured on.
        #[arg(long, default_value_t = 1_000_000)]
        environments: u32,
    },
    /// Simulate fleets of many sizes, with faults, on every core, until the time is over or an invariant breaks.
    Simulate {
        #[arg(long, value_parser = hours)]
        hours: f64,
        /// The first seed; the others follow it.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Serve a development build; rebuild and reload the browser when a file changes.
    Dev {
        #[arg(long, default_value = "127.0.0.1:3000")]
        addr: String,
        /// Passed to `signalbox serve` as they are.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Build the site and the server for release.
    Build,
    /// Print the sizes of what a browser loads, and fail over the limits.
    Size,
    /// Check formatting and lints.
    Lint,
}

fn hours(text: &str) -> Result<f64, String> {
    let hours: f64 = text.parse().map_err(|_| "this is no number".to_owned())?;
    if hours > 0.0 && hours <= 10_000.0 { Ok(hours) } else { Err("more than 0 hours, at most 10,000".to_owned()) }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    let places = Places::find()?;
    match command {
        Command::Serve { addr, args } => return serve::serve(&places, &addr, &args),
        Command::Test { filter } => return Ok(suites::run_all(&places, filter.as_deref())),
        Command::Bench { environments } => return bench::run_all(&places, environments),
        Command::Simulate { hours, seed } => return simulate::run(&places, hours, seed),
        Command::Dev { addr, args } => dev::run(&places, &addr, &args)?,
        Command::Build => {
            let site = site::build(&places, site::Flavour::Release)?;
            let program = server::build(&places, server::Profile::Release)?;
            step(&format!("built {} and the site in {}", places.show(&program), places.show(&site.root)));
        }
        Command::Size => {
            let site = site::build(&places, site::Flavour::Release)?;
            size::check(&site)?;
        }
        Command::Lint => lint::run_all(&places)?,
    }
    Ok(ExitCode::SUCCESS)
}
