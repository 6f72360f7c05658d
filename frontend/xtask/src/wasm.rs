//! From the `frontend` crate to what a browser loads: cargo, taking the areas apart, wasm-bindgen, wasm-opt.
//!
//! ```text
//! signalbox.js, signalbox.wasm     what every page needs
//! signalbox-areas.js               loads the others when the Wasm asks for them
//! area_admin.wasm, …               what the pages of one area need; `app::areas` says which areas there are
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    areas,
    compress::digest,
    node::{self, Tools},
    places::Places,
    process::{run, run_quietly, step},
    site::Flavour,
    toolchain::{Toolchain, WASM},
    unused,
};

/// The name that the server writes into pages; `.cargo/config.toml` tells the server the same.
pub const NAME: &str = "signalbox";
/// Goes up when this file changes what it makes of the same input.
const RECIPE: &[u8] = b"6";
/// Builds and returns the folder that holds the two files (and `snippets/`, where a crate brings some).
pub fn build(places: &Places, toolchain: Toolchain, flavour: Flavour) -> Result<PathBuf> {
    let (profile, folder) = match flavour {
        Flavour::Release => ("wasm-release", "wasm-release"),
        Flavour::Dev => ("dev", "debug"),
    };
    // Before the long work, so that a machine without Node says so at once.
    let tools = if flavour == Flavour::Release { Some(node::ensure(places)?) } else { None };
    step(&format!("building the pages' Wasm (profile {profile})"));
    let mut cargo = toolchain.cargo(places, "rustc");
    cargo.args(["-p", "frontend", "--lib", "--profile", profile]);
    // Where one function names another: without that, nothing can be taken apart.
    run(cargo.args(["--", "-Clink-arg=--emit-relocs"]))?;

    let input = places.wasm_target().join(WASM).join(folder).join("frontend.wasm");
    let output = places.wasm_target().join("bindgen").join(folder);
    let stamp = output.join("made-from");
    let optimiser = tools.as_ref().map(Tools::optimiser_version).transpose()?.unwrap_or_default();
    let made_from = digest(&[RECIPE, &optimiser, &fs::read(&input)?]);
    if fs::read_to_string(&stamp).is_ok_and(|found| found == made_from) {
        return Ok(output);
    }

    let _ = fs::remove_dir_all(&output);
    fs::create_dir_all(&output)?;
    step("taking the areas apart");
    let (linked, emptied) = unused::empty(&fs::read(&input)?)?;
    let apart = output.with_extension("apart");
    let _ = fs::remove_dir_all(&apart);
    let parts = areas::split(&linked, &apart)?;
    bind(&parts.main, &output, flavour)?;
    let main = output.join(format!("{NAME}.wasm"));
    fs::rename(output.join(format!("{NAME}_bg.wasm")), &main)?;
    if let Some(tools) = &tools {
        step(&format!("shrinking it (wasm-opt -Oz), {} KB of unused code are out already", emptied / 1024));
        parts.modules.iter().chain([&main]).try_for_each(|file| optimise(tools, file))?;
    }
    parts.pack(&output)?;
    fs::write(stamp, made_from)?;
    Ok(output)
}

/// wasm-bindgen as a library: the lockfile keeps it at the version that the crates were compiled with.
fn bind(input: &Path, output: &Path, flavour: Flavour) -> Result<()> {
    step("generating the JavaScript that loads it (wasm-bindgen)");
    let release = flavour == Flavour::Release;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(input).out_name(NAME).web(true)?.typescript(false);
    // Areas are bound to the table of functions.
    bindgen.keep_lld_exports(true);
    // The page names the Wasm file itself, so the script need not guess it.
    bindgen.omit_default_module_path(true).remove_name_section(release).remove_producers_section(release);
    bindgen.generate(output).context("wasm-bindgen could not read the Wasm")
}

fn optimise(tools: &Tools, file: &Path) -> Result<()> {
    let mut optimiser = tools.program("wasm-opt");
    optimiser.arg(file).arg("-o").arg(file).args([
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
