//! Everything a browser loads, laid out in `target/site`.
//!
//! ```text
//! target/site/pkg-dir            names the current folder, `pkg/3f2a…`; the server reads it when it starts
//! target/site/pkg/3f2a…/         signalbox.js, signalbox.wasm, signalbox.css and the areas, named after their content
//! target/site/…                  public/ as it is
//! ```
//! Beside each file that gains from it lie `.br` and `.gz`. The folder before the current one stays, for pages that
//! are still open.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    compress::{digest, files_under, write_twins},
    places::Places,
    process::step,
    style,
    toolchain::Toolchain,
    wasm,
};

/// Only a development server needs it.
const DEV_ONLY: &str = "dev-reload.js";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Small, compressed.
    Release,
    /// Quick to build, readable in the browser's tools.
    Dev,
}

/// A site that is ready to be served.
pub struct Site {
    pub root: PathBuf,
    /// The folder of the current assets.
    pub package: PathBuf,
}

/// Builds what is out of date.
pub fn build(places: &Places, flavour: Flavour) -> Result<Site> {
    let toolchain = Toolchain::ensure()?;
    let wasm = wasm::build(places, toolchain, flavour)?;
    assemble(places, &wasm, flavour)
}

/// Lays out the site around Wasm that is built already.
pub fn assemble(places: &Places, wasm: &Path, flavour: Flavour) -> Result<Site> {
    let release = flavour == Flavour::Release;
    let mut assets = vec![(format!("{}.css", wasm::NAME), style::build(&places.style(), release)?.into_bytes())];
    for path in files_under(wasm)? {
        let name = path.strip_prefix(wasm)?.to_str().context("a file name is not UTF-8")?;
        if name != "made-from" {
            assets.push((name.to_owned(), fs::read(&path)?));
        }
    }
    assets.sort();
    let name = package_name(&assets);
    let root = places.site();
    let package = root.join(&name);
    if !package.is_dir() {
        step(&format!("laying out the site in {}", places.show(&root)));
        let unfinished = root.join("pkg/unfinished");
        let _ = fs::remove_dir_all(&unfinished);
        for (asset, bytes) in &assets {
            let path = unfinished.join(asset);
            fs::create_dir_all(path.parent().context("an asset has no folder")?)?;
            fs::write(path, bytes)?;
        }
        if release {
            write_twins(&unfinished)?;
        }
        fs::rename(&unfinished, &package)?;
    }
    copy_public(&places.public(), &root, flavour)?;
    switch(&root, &name)?;
    Ok(Site { root, package })
}

/// `pkg/` and the digest of every name and content.
fn package_name(assets: &[(String, Vec<u8>)]) -> String {
    let parts: Vec<&[u8]> = assets.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes.as_slice()]).collect();
    format!("pkg/{}", digest(&parts))
}

/// Copies `public/` and removes what is no longer in it.
fn copy_public(public: &Path, root: &Path, flavour: Flavour) -> Result<()> {
    for entry in root.read_dir()? {
        let path = entry?.path();
        if path.ends_with("pkg") || path.ends_with("pkg-dir") {
            continue;
        }
        if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
    }
    if !public.is_dir() {
        return Ok(());
    }
    let copy = root.join("pkg/unfinished-public");
    let _ = fs::remove_dir_all(&copy);
    fs::create_dir_all(&copy)?;
    for path in files_under(public)? {
        if flavour == Flavour::Release && path.ends_with(DEV_ONLY) {
            continue;
        }
        let to = copy.join(path.strip_prefix(public)?);
        fs::create_dir_all(to.parent().context("a public file has no folder")?)?;
        fs::copy(&path, to)?;
    }
    if flavour == Flavour::Release {
        write_twins(&copy)?;
    }
    for entry in copy.read_dir()? {
        let entry = entry?;
        fs::rename(entry.path(), root.join(entry.file_name()))?;
    }
    fs::remove_dir(copy)?;
    Ok(())
}

/// Makes `name` the current folder, keeps the one before, removes older ones.
fn switch(root: &Path, name: &str) -> Result<()> {
    let pointer = root.join("pkg-dir");
    let before = fs::read_to_string(&pointer).unwrap_or_default();
    if before != name {
        let next = root.join("pkg/next");
        fs::write(&next, name)?;
        fs::rename(next, &pointer)?;
        for entry in root.join("pkg").read_dir()? {
            let path = entry?.path();
            if path != root.join(name) && path != root.join(&before) {
                fs::remove_dir_all(path)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    fn asset(name: &str, text: &str) -> (String, Vec<u8>) {
        (name.to_owned(), text.as_bytes().to_vec())
    }

    #[test]
    fn the_folder_is_named_after_names_and_contents() {
        let name = package_name(&[asset("a.js", "1"), asset("b.css", "2")]);
        assert_eq!(name, package_name(&[asset("a.js", "1"), asset("b.css", "2")]));
        assert_ne!(name, package_name(&[asset("a.js", "1"), asset("b.css", "3")]));
        assert_ne!(name, package_name(&[asset("a.js", "1"), asset("c.css", "2")]));
        assert_eq!(name.len(), "pkg/".len() + 16);
    }

    #[test]
    fn the_folder_before_stays_and_older_ones_go() {
        let root = env::temp_dir().join(format!("signalbox-switch-{}", std::process::id()));
        for name in ["pkg/1", "pkg/2", "pkg/3"] {
            fs::create_dir_all(root.join(name)).unwrap();
            switch(&root, name).unwrap();
        }
        switch(&root, "pkg/3").unwrap();
        let left = [1, 2, 3].map(|number| root.join(format!("pkg/{number}")).is_dir());
        let current = fs::read_to_string(root.join("pkg-dir")).unwrap();
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(left, [false, true, true]);
        assert_eq!(current, "pkg/3");
    }

    #[test]
    fn the_reload_script_is_not_released() {
        let folder = env::temp_dir().join(format!("signalbox-public-{}", std::process::id()));
        let (public, root) = (folder.join("public"), folder.join("site"));
        fs::create_dir_all(public.join("icons")).unwrap();
        fs::create_dir_all(root.join("pkg")).unwrap();
        fs::write(public.join("icons/a.svg"), "<svg/>").unwrap();
        fs::write(public.join(DEV_ONLY), "reload").unwrap();
        fs::write(root.join("old.txt"), "no longer in public").unwrap();
        copy_public(&public, &root, Flavour::Dev).unwrap();
        let in_dev = root.join(DEV_ONLY).is_file();
        copy_public(&public, &root, Flavour::Release).unwrap();
        let left: Vec<_> = files_under(&root).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert!(in_dev);
        assert_eq!(left, [root.join("icons/a.svg")]);
    }
}
