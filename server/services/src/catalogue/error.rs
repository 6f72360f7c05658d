//! What can be wrong with a catalogue, in words for the operator who wrote it.

use super::table::TableError;
use domain::calendar::CadenceError;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum CatalogueError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("{0} is not a directory with files of a catalogue (stations.csv, regions.csv, …)")]
    NoCatalogue(String),
    #[error("{file} holds no line")]
    Empty { file: String },
    /// Not one line, but the file as a whole.
    #[error("{file}: {wrong}")]
    Whole { file: String, wrong: String },
    #[error("{file} line {line}, column {column}: `{value}` is {wrong}")]
    Value { file: String, line: u64, column: &'static str, value: String, wrong: String },
    #[error("{file} line {line}, column {column}: `{value}` is not in {target}")]
    Unknown { file: String, line: u64, column: &'static str, value: String, target: &'static str },
    #[error("{file} line {line}, column {column}: `{value}` is already in line {first}")]
    Repeated { file: String, line: u64, column: &'static str, value: String, first: u64 },
    #[error("{file} line {line}: {source}")]
    Cadence { file: String, line: u64, source: CadenceError },
}
