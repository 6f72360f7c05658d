//! Everything in which SQLite and PostgreSQL differ at run time.

use crate::Result;
use sea_orm::{
    ConnectionTrait, DbBackend, IsolationLevel, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
};

/// One number for the audit chain and the outbox: both need their sequence to be the order of commits.
const APPEND_LOCK: i64 = 0x5349_474e_414c;
/// Held while it is decided who is aboard a rollout that starts.
const ABOARD_LOCK: i64 = 0x5349_474e_414e;
/// Held while the schema changes.
const MIGRATE_LOCK: i64 = 0x5349_474e_414d;

/// Write transactions on SQLite take the write lock at once: a transaction that begins as a reader and upgrades fails
/// with a busy error that no time-out covers.
pub fn write_options(backend: DbBackend) -> TransactionOptions {
    let sqlite = (backend == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate);
    TransactionOptions { sqlite_transaction_mode: sqlite, ..TransactionOptions::default() }
}

/// Several reads that see one state. An SQLite read transaction always does.
pub fn snapshot_options(backend: DbBackend) -> TransactionOptions {
    let isolation = (backend == DbBackend::Postgres).then_some(IsolationLevel::RepeatableRead);
    TransactionOptions { isolation_level: isolation, ..TransactionOptions::default() }
}

/// Makes appenders queue until the one before has committed, so that sequence order is commit order: a follower who has
/// seen number 7 has seen all before it, and the chain cannot fork. SQLite has one writer anyway.
pub async fn lock_appends(conn: &impl ConnectionTrait) -> Result<()> {
    advisory_lock(conn, APPEND_LOCK).await
}

/// Makes the start of a rollout and the coming of environments queue: of two that do not see each other, neither would
/// know that somebody has to be looked at.
pub async fn lock_aboard(conn: &impl ConnectionTrait) -> Result<()> {
    advisory_lock(conn, ABOARD_LOCK).await
}

pub async fn lock_migrations(conn: &impl ConnectionTrait) -> Result<()> {
    advisory_lock(conn, MIGRATE_LOCK).await
}

async fn advisory_lock(conn: &impl ConnectionTrait, number: i64) -> Result<()> {
    if conn.get_database_backend() == DbBackend::Postgres {
        let lock =
            Statement::from_sql_and_values(DbBackend::Postgres, "select pg_advisory_xact_lock($1)", [number.into()]);
        conn.query_one_raw(lock).await?;
    }
    Ok(())
}

/// SQLite's own version.
pub async fn sqlite_version(conn: &impl ConnectionTrait) -> Result<String> {
    let ask = Statement::from_string(DbBackend::Sqlite, "select sqlite_version()");
    let row: Option<QueryResult> = conn.query_one_raw(ask).await?;
    Ok(row.map(|row| row.try_get_by_index::<String>(0)).transpose()?.unwrap_or_default())
}

/// Copies what stands in the write-ahead log into the database, as far as no reader needs it; nobody waits for that. Not
/// prepared: a statement that was run is kept open, and an open one keeps the log from ending.
pub async fn checkpoint(conn: &impl ConnectionTrait) -> Result<()> {
    conn.execute_unprepared("pragma wal_checkpoint(passive)").await?;
    Ok(())
}

/// Copies an SQLite database into a new file, consistent while others read and write.
pub async fn vacuum_into(conn: &impl ConnectionTrait, path: &str) -> Result<()> {
    let copy = Statement::from_sql_and_values(DbBackend::Sqlite, "vacuum into ?", [path.into()]);
    conn.execute_raw(copy).await?;
    Ok(())
}
