//! Opening an SQLite file: one server with one writer and its readers; beside it commands that look, or change one thing.

use crate::{Error, OpenOptions, Result, dialect};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The first version without the bug that loses commits when a write-ahead log is reset (openai/codex#24664).
const VERSION_MIN: [u32; 3] = [3, 51, 3];
/// How long a statement waits for the write lock of another connection.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a transaction waits for its turn at the one writer.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Pages that a connection keeps, in KiB (SQLite takes that as a negative number). The writer touches a dozen indexes for
/// each environment; 64 MiB hold their upper levels for a million. Four readers take 64 MiB together.
const WRITER_CACHE: &str = "-65536";
const READER_CACHE: &str = "-16384";
/// Pages of the write-ahead log (4 KiB each, so 64 MiB) from which on the commit that reaches them copies them into the
/// database and waits for the disk: half a second for a fleet of a million, while nobody else writes. A server copies them
/// beside its writer long before ([`crate::Db::checkpoint`]).
const LOG_PAGES_MAX: &str = "16384";
/// Prepared statements that a connection keeps. Lists of conditions come in many lengths, and preparing costs more than
/// running.
const STATEMENTS_KEPT: usize = 500;

pub struct Opened {
    pub writer: DatabaseConnection,
    pub reader: DatabaseConnection,
    /// Copies the write-ahead log into the file. Not connected before it is asked.
    pub copier: DatabaseConnection,
    pub path: PathBuf,
    /// Held as long as the database is open; the system drops the lock with the process, however it ends.
    pub lock: File,
}

/// The file that a URL such as `sqlite:data/signalbox.db` names.
pub fn path_of(url: &str) -> Result<PathBuf> {
    let rest = url.strip_prefix("sqlite:").ok_or_else(|| Error::Url(url.to_owned()))?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    if path.is_empty() || path.starts_with(':') {
        // A database in memory is another one for each connection of a pool.
        return Err(Error::Url(url.to_owned()));
    }
    Ok(PathBuf::from(path))
}

pub async fn open(url: &str, options: &OpenOptions) -> Result<Opened> {
    let path = path_of(url)?;
    let lock = lock(&path)?;
    convert_to_wal(&path).await?;
    let writer = Database::connect(connect_options(&path, 1, false)).await?;
    check_version(&writer).await?;
    let reader = Database::connect(connect_options(&path, options.readers.max(1), true)).await?;
    let mut later = connect_options(&path, 1, false);
    let copier = Database::connect(later.min_connections(0).connect_lazy(true).to_owned()).await?;
    Ok(Opened { writer, reader, copier, path, lock })
}

/// So many rows of one answer wait for whoever asked, in memory: two threads on one core take turns for each answer then, and
/// not for each fifty rows of it.
const ROWS_AHEAD: usize = 4_096;

/// One connection, which is the database: without it there is none.
pub async fn in_memory() -> Result<DatabaseConnection> {
    let mut options = pool_options("sqlite::memory:".to_owned(), 1);
    options.map_sqlx_sqlite_opts(|o| {
        o.foreign_keys(true).statement_cache_capacity(STATEMENTS_KEPT).row_buffer_size(ROWS_AHEAD)
    });
    let only = Database::connect(options).await?;
    check_version(&only).await?;
    Ok(only)
}

/// Readers only, without the lock that keeps a second server away: SQLite itself lets readers in beside one.
pub async fn look(url: &str, options: &OpenOptions) -> Result<DatabaseConnection> {
    let reader = Database::connect(connect_options(&path_of(url)?, options.readers.max(1), true)).await?;
    check_version(&reader).await?;
    Ok(reader)
}

/// A writer and a reader without that lock, for one short change. SQLite's own write lock keeps the changes of two
/// processes apart: each waits for the other at the beginning of its transaction. A file that is not there is an error.
pub async fn beside(url: &str) -> Result<(DatabaseConnection, DatabaseConnection)> {
    let path = path_of(url)?;
    let writer = Database::connect(connect_options(&path, 1, false)).await?;
    check_version(&writer).await?;
    let reader = Database::connect(connect_options(&path, 1, true)).await?;
    Ok((writer, reader))
}

/// A file of its own: closing any handle of the database file would drop SQLite's locks on it.
fn lock(path: &Path) -> Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = File::options().create(true).truncate(false).write(true).open(name)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::AlreadyOpen { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(Error::Io(error)),
    }
}

/// Once, on one connection, before any pool: two connections that race for the switch fail.
async fn convert_to_wal(path: &Path) -> Result<()> {
    let mut options = ConnectOptions::new(url_of(path));
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|o| o.create_if_missing(true).pragma("journal_mode", "WAL"));
    Ok(Database::connect(options).await?.close().await?)
}

/// Copies the database into a new file, on a connection of its own, so that readers and the writer go on.
pub async fn copy(path: &Path, to: &str) -> Result<()> {
    let own = Database::connect(connect_options(path, 1, false)).await?;
    let copied = dialect::vacuum_into(&own, to).await;
    own.close().await?;
    copied
}

fn url_of(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

fn connect_options(path: &Path, connections: u32, reader: bool) -> ConnectOptions {
    let mut options = pool_options(url_of(path), connections);
    options.map_sqlx_sqlite_opts(move |o| {
        // Only `open` makes a file, before any pool.
        o.create_if_missing(false)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(STATEMENTS_KEPT)
            // A commit survives the end of the machine up to the last checkpoint, and never breaks.
            .pragma("synchronous", "NORMAL")
            .pragma("query_only", if reader { "ON" } else { "OFF" })
            .pragma("wal_autocheckpoint", LOG_PAGES_MAX)
            .pragma("cache_size", if reader { READER_CACHE } else { WRITER_CACHE })
            .optimize_on_close(!reader, None)
    });
    options
}

/// Connections that are kept as long as the pool is.
fn pool_options(url: String, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

async fn check_version(conn: &DatabaseConnection) -> Result<()> {
    let found = dialect::sqlite_version(conn).await?;
    if is_fixed(&found) { Ok(()) } else { Err(Error::OldSqlite { found }) }
}

fn is_fixed(version: &str) -> bool {
    let parts: Option<Vec<u32>> = version.split('.').map(|part| part.parse().ok()).collect();
    parts.is_some_and(|parts| parts.as_slice() >= VERSION_MIN.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(is_fixed("3.51.3") && is_fixed("3.51.10") && is_fixed("3.52.0") && is_fixed("4.0.0"));
        for old in ["3.51.2", "3.9.99", "3.51", "", "x"] {
            assert!(!is_fixed(old), "{old}");
        }
    }

    #[test]
    fn urls_name_files_only() {
        for url in ["sqlite:a/b.db", "sqlite://a/b.db", "sqlite://a/b.db?mode=rwc"] {
            assert_eq!(path_of(url).unwrap(), PathBuf::from("a/b.db"), "{url}");
        }
        assert_eq!(path_of("sqlite:///a/b.db").unwrap(), PathBuf::from("/a/b.db"));
        for url in ["sqlite::memory:", "sqlite:", "mysql://x", "b.db"] {
            assert!(matches!(path_of(url), Err(Error::Url(_))), "{url}");
        }
    }
}
