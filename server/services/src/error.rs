//! What a use case can fail with. Refused forms are no errors (see `domain::wire::problem`). Mapped to HTTP and logged
//! once, at the edge.

use domain::permission::{Actor, Permission};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum Error {
    /// It does not exist, or it belongs to somebody else: the two cannot be told apart from outside.
    #[error("nothing here has that id")]
    NotFound,
    #[error("this role may not do this")]
    Forbidden,
    /// Somebody was faster. Nothing was changed; what is there now has to be looked at first.
    #[error("somebody changed this in the meantime")]
    Conflict,
    /// For a moment. Nothing was changed; the same request may be sent again.
    #[error("{what} does not answer just now")]
    Unavailable { what: &'static str },
    /// The server cannot go on as it stands: a broken row, a broken hash, a task that panicked.
    #[error("{what}: {why}")]
    Broken { what: &'static str, why: String },
    #[error(transparent)]
    Store(store::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound => Self::NotFound,
            store::Error::Conflict { .. } => Self::Conflict,
            passing if passing.is_transient() => Self::Unavailable { what: "the database" },
            other => Self::Store(other),
        }
    }
}

/// The first line of every use case.
pub(crate) fn require(actor: &Actor, what: Permission) -> Result<(), Error> {
    if actor.may(what) { Ok(()) } else { Err(Error::Forbidden) }
}
