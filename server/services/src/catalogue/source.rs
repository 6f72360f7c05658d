//! Where the files are: inside the binary, or in a directory.

use super::error::CatalogueError;
use super::table::{Table, read_text};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../catalogue/", $name)))),*]
    };
}

/// Every file of the catalogue by name.
const SHIPPED: &[(&str, &str)] = shipped![
    "stations.csv",
    "geographies.csv",
    "regions.csv",
    "service_updates.csv",
    "cadences.csv",
    "trains.csv",
    "demo/customers.csv",
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Shipped,
    /// Files that are not there are the shipped ones.
    Directory(PathBuf),
}

impl Source {
    /// A directory that holds at least one file of the catalogue; anything else is a slip of the pen.
    pub fn directory(path: &Path) -> Result<Self, CatalogueError> {
        if SHIPPED.iter().any(|(name, _)| path.join(name).is_file()) {
            Ok(Self::Directory(path.to_owned()))
        } else {
            Err(CatalogueError::NoCatalogue(path.display().to_string()))
        }
    }

    /// What a command line was given.
    pub fn given(directory: Option<&Path>) -> Result<Self, CatalogueError> {
        directory.map_or(Ok(Self::Shipped), Self::directory)
    }

    pub(super) fn table(&self, name: &str, columns: &'static [&'static str]) -> Result<Table, CatalogueError> {
        let (file, text) = self.text(name)?;
        Ok(Table::parse(&file, &text, columns)?)
    }

    fn text(&self, name: &str) -> Result<(String, Cow<'static, str>), CatalogueError> {
        if let Self::Directory(directory) = self {
            let path = directory.join(name);
            if path.exists() {
                return Ok((path.display().to_string(), Cow::Owned(read_text(&path)?)));
            }
        }
        let text = SHIPPED.iter().find(|(shipped, _)| *shipped == name).map_or("", |(_, text)| *text);
        Ok((name.to_owned(), Cow::Borrowed(text)))
    }
}
