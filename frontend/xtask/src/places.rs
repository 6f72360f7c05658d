//! Where things are in the repository. Only paths; no file is read or written here.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

/// The folders of one checkout.
#[derive(Clone, Debug)]
pub struct Places {
    pub root: PathBuf,
}

impl Places {
    /// The checkout that the working directory is in.
    pub fn find() -> Result<Self> {
        let here = env::current_dir()?;
        let Some(root) = here.ancestors().find(|folder| folder.join("frontend/xtask/Cargo.toml").is_file()) else {
            bail!("{} is not inside a Signalbox checkout; change into one", here.display());
        };
        Ok(Self { root: root.to_path_buf() })
    }

    pub fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// Build output of the Wasm compiler, apart from the host's: two compilers in one folder undo each other's work.
    pub fn wasm_target(&self) -> PathBuf {
        self.target().join("wasm")
    }

    pub fn site(&self) -> PathBuf {
        self.target().join("site")
    }

    pub fn style(&self) -> PathBuf {
        self.root.join("style")
    }

    pub fn public(&self) -> PathBuf {
        self.root.join("public")
    }

    pub fn end2end(&self) -> PathBuf {
        self.root.join("end2end")
    }

    /// A path as a person in the checkout would write it.
    pub fn show(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}
