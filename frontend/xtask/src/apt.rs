//! Installing Debian packages, once each, with a sentence that says why.

use std::{
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::{Context, Result, bail};

use crate::process::{answer, command, find_program, run_quietly, step};

/// The package lists are read once per run.
static UPDATED: AtomicBool = AtomicBool::new(false);

/// Installs packages. `why` completes the sentence "Installing … for …".
pub fn install(packages: &[&str], why: &str) -> Result<()> {
    let list = packages.join(" ");
    if find_program("apt-get").is_none() {
        bail!("{why} needs the Debian packages {list}, and this machine has no apt-get: install their like by hand");
    }
    let Some(mut update) = apt_get() else {
        bail!(
            "{why} needs the Debian packages {list}, and this user may not install them: run `sudo apt-get install {list}`"
        );
    };
    if !UPDATED.swap(true, Ordering::Relaxed) {
        step("asking Debian which packages there are (apt-get update)");
        run_quietly(update.args(["-qq", "update"]))
            .context("apt-get could not read its package lists: check the network")?;
    }
    step(&format!("installing {list}: {why} needs it"));
    let mut install = apt_get().context("apt-get went away")?;
    install.args(["-qq", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=600", "install"]).args(packages);
    run_quietly(&mut install)
        .with_context(|| format!("could not install {list}: run `sudo apt-get install {list}` and see"))
}

/// `apt-get` with the rights to install; `None` for a user who has none.
fn apt_get() -> Option<Command> {
    let mut apt = if is_root() {
        command("apt-get")
    } else {
        find_program("sudo")?;
        answer(command("sudo").args(["-n", "true"]))?;
        let mut sudo = command("sudo");
        sudo.args(["-n", "--preserve-env=DEBIAN_FRONTEND", "apt-get"]);
        sudo
    };
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    Some(apt)
}

pub fn is_root() -> bool {
    answer(command("id").arg("-u")).as_deref() == Some("0")
}
