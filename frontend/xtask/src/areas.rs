//! Takes what only some pages need out of the Wasm: one file for each area of `app::areas`.
//!
//! What two areas share comes out of the splitting as a module of its own, and there are as many of those as there are
//! sets of areas that share something: a dozen small files for a page. So the file of an area carries a copy of all that
//! it needs, as custom sections: two files make a page, and no area grows because another one does.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow};

use crate::unused::{leb, text};

/// The script that loads areas, beside the main one.
pub const LOADER: &str = "signalbox-areas.js";
const LOADER_HEAD: &str = include_str!("areas.js");
/// A module without anything.
const NOTHING: &[u8] = b"\0asm\x01\0\0\0";

/// Modules that were taken apart, each in a file of its own.
pub struct Parts {
    /// Where they lie.
    folder: PathBuf,
    /// What every page needs. wasm-bindgen has to see it yet.
    pub main: PathBuf,
    /// All others.
    pub modules: Vec<PathBuf>,
    /// The modules of each area by name: those it shares with others, and its own where it has one.
    areas: BTreeMap<String, Vec<String>>,
}

/// Takes linked Wasm apart.
pub fn split(wasm: &[u8], folder: &Path) -> Result<Parts> {
    let main = folder.join("main.wasm");
    let mut options = wasm_split_cli_support::Options::new(wasm);
    options.output_dir = folder;
    options.main_out_path = &main;
    let link = format!("./{LOADER}");
    options.link_name = &link;
    let split = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("{error:#}"))
        .context("the Wasm cannot be taken apart")?;
    let areas = split.prefetch_map.into_iter().collect();
    Ok(Parts { folder: folder.to_path_buf(), main, modules: split.split_modules, areas })
}

impl Parts {
    /// Writes the file of each area, and the script that loads them.
    pub fn pack(&self, output: &Path) -> Result<()> {
        let mut script = LOADER_HEAD.to_owned();
        for (area, names) in &self.areas {
            let own = own_module(area);
            let shared: Vec<&str> = names.iter().map(String::as_str).filter(|name| *name != own).collect();
            let read = |name: &str| fs::read(self.folder.join(name).with_extension("wasm"));
            let mut file = if names.contains(&own) { read(&own)? } else { NOTHING.to_vec() };
            for name in &shared {
                file.extend(custom_section(name, &read(name)?));
            }
            fs::write(output.join(format!("area_{area}.wasm")), file)?;
            let shared = shared.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
            // The main Wasm imports it by this name.
            writeln!(script, "export const __wasm_split_load_{area} = loader(\"{area}\", [{shared}]);")?;
        }
        fs::write(output.join(LOADER), script)?;
        Ok(())
    }
}

/// As `wasm_split_cli_support` names the file of what only one area needs.
fn own_module(area: &str) -> String {
    format!("split_{area}")
}

fn custom_section(name: &str, bytes: &[u8]) -> Vec<u8> {
    let contents = [text(name), bytes.to_vec()].concat();
    [vec![0], leb(contents.len()), contents].concat()
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn the_file_of_an_area_carries_what_it_shares() {
        let folder = env::temp_dir().join(format!("signalbox-areas-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for name in ["split_admin", "chunk_1"] {
            fs::write(folder.join(name).with_extension("wasm"), NOTHING).unwrap();
        }
        let areas = [("admin", vec!["chunk_1", "split_admin"]), ("settings", vec!["chunk_1"])];
        let areas = areas.map(|(area, names)| (area.to_owned(), names.into_iter().map(str::to_owned).collect()));
        let parts =
            Parts { folder: folder.clone(), main: PathBuf::new(), modules: Vec::new(), areas: BTreeMap::from(areas) };
        parts.pack(&folder).unwrap();
        let script = fs::read_to_string(folder.join(LOADER)).unwrap();
        let files = ["admin", "settings"].map(|area| fs::read(folder.join(format!("area_{area}.wasm"))).unwrap());
        fs::remove_dir_all(&folder).unwrap();

        assert!(
            script.contains("export const __wasm_split_load_admin = loader(\"admin\", [\"chunk_1\"]);\n"),
            "{script}"
        );
        for file in files {
            wasmparser::Validator::new().validate_all(&file).unwrap();
            assert_eq!(file, [NOTHING, &custom_section("chunk_1", NOTHING)].concat());
        }
    }
}
