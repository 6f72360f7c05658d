//! From the `frontend` crate to `signalbox.js` and `signalbox.wasm`: cargo, wasm-bindgen, wasm-opt.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    compress::digest,
    node::{self, Tools},
    places::Places,
    process::{run, run_quietly, step},
    site::Flavour,
    toolchain::{Toolchain, WASM},
};

/// The name that the server writes into pages; `.cargo/config.toml` tells the server the same.
pub const NAME: &str = "signalbox";
/// Goes up when this file changes what it makes of the same input.
const RECIPE: &[u8] = b"2";

/// Builds and returns the folder that holds the two files (and `snippets/`, where a crate brings some).
pub fn build(places: &Places, toolchain: Toolchain, flavour: Flavour) -> Result<PathBuf> {
    let (profile, folder) = match flavour {
        Flavour::Release => ("wasm-release", "wasm-release"),
        Flavour::Dev => ("dev", "debug"),
    };
    // Before the long work, so that a machine without Node says so at once.
    let tools = if flavour == Flavour::Release { Some(node::ensure(places)?) } else { None };
    step(&format!("building the pages' Wasm (profile {profile})"));
    run(toolchain.cargo(places, "build").args(["-p", "frontend", "--lib", "--profile", profile]))?;

    let input = places.wasm_target().join(WASM).join(folder).join("frontend.wasm");
    let output = places.wasm_target().join("bindgen").join(folder);
    let stamp = output.join("made-from");
    let optimiser = tools.as_ref().map(Tools::optimiser_version).transpose()?.unwrap_or_default();
    let made_from = digest(&[RECIPE, &optimiser, &fs::read(&input)?]);
    if fs::read_to_string(&stamp).is_ok_and(|found| found == made_from) {
        return Ok(output);
    }

    let _ = fs::remove_dir_all(&output);
    bind(&input, &output, flavour)?;
    let raw = output.join(format!("{NAME}_bg.wasm"));
    let wasm = output.join(format!("{NAME}.wasm"));
    match &tools {
        Some(tools) => {
            optimise(tools, &raw, &wasm)?;
            fs::remove_file(&raw)?;
        }
        None => fs::rename(&raw, &wasm)?,
    }
    fs::write(stamp, made_from)?;
    Ok(output)
}

/// wasm-bindgen as a library: the lockfile keeps it at the version that the crates were compiled with.
fn bind(input: &Path, output: &Path, flavour: Flavour) -> Result<()> {
    step("generating the JavaScript that loads it (wasm-bindgen)");
    let release = flavour == Flavour::Release;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(input).out_name(NAME).web(true)?.typescript(false);
    // The page names the Wasm file itself, so the script need not guess it.
    bindgen.omit_default_module_path(true).remove_name_section(release).remove_producers_section(release);
    bindgen.generate(output).context("wasm-bindgen could not read the Wasm")
}

fn optimise(tools: &Tools, input: &Path, output: &Path) -> Result<()> {
    step("shrinking it (wasm-opt -Oz)");
    let mut optimiser = tools.program("wasm-opt");
    optimiser.arg(input).arg("-o").arg(output).args([
        "-Oz",
        "--converge", // again until nothing gets smaller: one percent for half a minute
        // What rustc emits by default; wasm-opt wants to be told.
        "--enable-bulk-memory",
        "--enable-nontrapping-float-to-int",
        "--enable-sign-ext",
        "--enable-mutable-globals",
        "--enable-reference-types",
        "--enable-multivalue",
    ]);
    run_quietly(&mut optimiser)
}
