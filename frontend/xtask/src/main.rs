//! The build and test driver: `cargo xtask serve`, `test`, `dev`, `build`, `size`, `lint`.
//!
//! Here: the commands and which steps each one takes. One file per concern does the work. Nothing of the product
//! belongs in this crate, and nothing here is needed to run `signalbox` once it is built.

mod apt;
mod areas;
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
