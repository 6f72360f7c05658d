//! What keeps a simulation from running. What it finds is no error: see `report::Violation`.

use thiserror::Error;

#[derive(Debug, Error)]
pub enum Error {
    #[error("the simulated world cannot be made: {0}")]
    World(String),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Services(#[from] services::Error),
}
