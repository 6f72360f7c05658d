//! The one error of the layer. Services turn it into a problem that a person can act on.

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlErr, SqlxError};
use std::path::PathBuf;
use thiserror::Error;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, Error)]
pub enum Error {
    /// Someone was faster: the generation, the lease or a unique key is taken. A normal outcome; load again and decide anew.
    #[error("lost to a concurrent change: {what}")]
    Conflict { what: String },
    #[error("no such row")]
    NotFound,
    /// A row that no code of ours writes. Never repaired silently.
    #[error("table {table}, row {id}: {what}")]
    Inconsistent { table: &'static str, id: String, what: String },
    /// The database is locked, or two transactions waited for each other. Try the whole transaction again.
    #[error("the database is busy")]
    Busy(#[source] DbErr),
    #[error("the database cannot be reached")]
    Unavailable(#[source] DbErr),
    #[error("{} is in use by another process", path.display())]
    AlreadyOpen { path: PathBuf },
    #[error("SQLite {found} loses data in write-ahead mode; 3.51.3 or later is needed")]
    OldSqlite { found: String },
    #[error("`{0}` is not a database URL such as sqlite:signalbox.db or postgres://user@host/name")]
    Url(String),
    #[error("{0}")]
    Unsupported(&'static str),
    #[error("the database file cannot be used")]
    Io(#[from] std::io::Error),
    #[error("a value cannot be written as JSON")]
    Encode(#[from] serde_json::Error),
    #[error("the database refused a statement")]
    Db(#[source] DbErr),
}

impl Error {
    pub(crate) fn conflict(what: impl Into<String>) -> Self {
        Self::Conflict { what: what.into() }
    }

    /// Worth the same transaction again, after a short wait.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Unavailable(_))
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(what)) = error.sql_err() {
            return Self::Conflict { what };
        }
        match &error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => Self::Unavailable(error),
            // The pool is exhausted: on SQLite, the one writer is at work.
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Self::Busy(error),
            DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => match &**inner {
                SqlxError::Database(refused) if refused.code().is_some_and(|code| is_busy(&code)) => Self::Busy(error),
                SqlxError::Io(_) => Self::Unavailable(error),
                _ => Self::Db(error),
            },
            _ => Self::Db(error),
        }
    }
}

/// SQLite: BUSY, LOCKED and their extended forms. PostgreSQL: serialization failure, deadlock, lock not available.
fn is_busy(code: &str) -> bool {
    matches!(code, "5" | "6" | "261" | "262" | "517" | "773" | "40001" | "40P01" | "55P03")
}
