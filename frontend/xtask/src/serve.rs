//! `cargo xtask serve`: everything from a fresh checkout to a running demo.

use std::{fs, os::unix::process::CommandExt, process::ExitCode};

use anyhow::{Context, Result};

use crate::{
    places::Places,
    process::{command, step},
    server::{self, Profile},
    site::{self, Flavour},
};

/// Builds and then becomes the server, so that signals reach it and its exit code is ours.
pub fn serve(places: &Places, addr: &str, args: &[String]) -> Result<ExitCode> {
    site::build(places, Flavour::Release)?;
    let program = server::build(places, Profile::Release)?;
    // The default database is var/signalbox.db.
    fs::create_dir_all(places.root.join("var"))?;
    step(&format!("starting the server on {addr}"));
    let error = server::serve_demo(places, command(&program), addr, args).exec();
    Err(error).with_context(|| format!("could not start {}", places.show(&program)))
}
