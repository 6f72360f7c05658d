//! Building and starting the server program.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    places::Places,
    process::{cargo, run, step},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Release,
    Dev,
}

/// Builds `signalbox` and returns where it lies.
pub fn build(places: &Places, profile: Profile) -> Result<PathBuf> {
    let (name, folder) = match profile {
        Profile::Release => ("release", "release"),
        Profile::Dev => ("dev", "debug"),
    };
    step(&format!("building the server (profile {name})"));
    run(cargo(places).args(["build", "-p", "server", "--bin", "signalbox", "--profile", name]))?;
    Ok(places.target().join(folder).join("signalbox"))
}

/// Makes the program `signalbox serve` with a demo fleet, in the checkout.
pub fn serve_demo(places: &Places, mut program: Command, addr: &str, args: &[String]) -> Command {
    program.current_dir(&places.root).args(["serve", "--demo", "--addr", addr, "--site-root"]);
    program.arg(places.site()).args(args);
    program
}
