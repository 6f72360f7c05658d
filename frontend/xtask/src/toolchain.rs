//! Which cargo compiles Wasm, and getting one where there is none.
//!
//! The ordinary way is rustup's `wasm32-unknown-unknown` target. Where rustup cannot reach its server, Debian's
//! compiler and library sources make a second toolchain (see `debian_toolchain`), used for Wasm alone.

use std::{path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{
    debian_toolchain,
    places::Places,
    process::{answer, command, step},
    rustup,
};

pub const WASM: &str = "wasm32-unknown-unknown";

/// A cargo that can build for [`WASM`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The compiler of the checkout has the target.
    Native,
    /// The one that `debian_toolchain` makes.
    Debian,
}

impl Toolchain {
    /// Finds or installs one.
    pub fn ensure() -> Result<Self> {
        if has_wasm(&mut command("rustc")) {
            return Ok(Self::Native);
        }
        if debian_toolchain::is_current() {
            return Ok(Self::Debian);
        }
        if rustup::is_there() {
            step(&format!("adding {WASM} to the Rust toolchain: the pages' Wasm needs it (about 20 MB)"));
            match rustup::add(&["target", "add", WASM]) {
                Ok(()) if has_wasm(&mut command("rustc")) => return Ok(Self::Native),
                Ok(()) => step("rustup added it to another compiler than the one in use"),
                Err(error) => step(&format!("{error:#}")),
            }
            step("making a Wasm toolchain from Debian's Rust packages instead");
        }
        debian_toolchain::make()
            .with_context(|| format!("no compiler for {WASM}: {} and try again", by_hand(rustup::is_there())))?;
        Ok(Self::Debian)
    }

    /// `cargo <subcommand>` for Wasm, in its own target folder.
    pub fn cargo(self, places: &Places, subcommand: &str) -> Command {
        let mut cargo = command("cargo");
        if self == Self::Debian {
            cargo.arg(format!("+{}", debian_toolchain::NAME));
        }
        cargo.current_dir(&places.root).args([subcommand, "--target", WASM, "--target-dir"]).arg(places.wasm_target());
        cargo
    }
}

/// What a person has to do where the driver could not.
fn by_hand(has_rustup: bool) -> String {
    if has_rustup {
        format!("run `rustup target add {WASM}`")
    } else {
        "install rustup (https://rustup.rs), which brings one,".to_owned()
    }
}

/// Whether this rustc has the standard library for Wasm.
pub fn has_wasm(rustc: &mut Command) -> bool {
    let Some(folder) = answer(rustc.args(["--print", "target-libdir", "--target", WASM])) else { return false };
    let Ok(entries) = Path::new(&folder).read_dir() else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_names_a_program_that_is_there() {
        assert_eq!(by_hand(true), format!("run `rustup target add {WASM}`"));
        assert!(by_hand(false).starts_with("install rustup "));
    }
}
