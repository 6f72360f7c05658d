//! The database as services see it: readers, snapshots, transactions, migrations.

use crate::interrupt::{Hook, Interrupt, Open, Point};
use crate::{Error, Result, dialect, sqlite};
use migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, Statement, TransactionTrait,
};
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const POSTGRES_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Connections of the SQLite reader pool. There is always exactly one writer.
    pub readers: u32,
    /// Connections of the PostgreSQL pool.
    pub postgres_connections: u32,
    /// PostgreSQL schema; the server's default where none is given.
    pub postgres_schema: Option<String>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { readers: 4, postgres_connections: 16, postgres_schema: None }
    }
}

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Db {
    writer: DatabaseConnection,
    reader: Reader,
    file: Option<Arc<OpenFile>>,
    hook: Hook,
}

/// Connections for statements that only read.
#[derive(Debug, Clone)]
pub struct Reader(DatabaseConnection, Hook);

struct OpenFile {
    path: PathBuf,
    copier: DatabaseConnection,
    _lock: File,
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").field("path", &self.file.as_ref().map(|file| &file.path)).finish_non_exhaustive()
    }
}

/// The file that a URL names; `None` where it names a server.
pub fn sqlite_path(url: &str) -> Result<Option<PathBuf>> {
    if url.starts_with("sqlite:") { sqlite::path_of(url).map(Some) } else { Ok(None) }
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`. Refuses a file that another server, or a migration, has open.
    pub async fn open(url: &str, options: &OpenOptions) -> Result<Self> {
        if url.starts_with("sqlite:") {
            let opened = sqlite::open(url, options).await?;
            let file = OpenFile { path: opened.path, copier: opened.copier, _lock: opened.lock };
            return Ok(Self { file: Some(Arc::new(file)), ..Self::of(opened.writer, opened.reader) });
        }
        Self::open_postgres(url, options).await
    }

    /// An empty SQLite database in memory, gone when it is closed. Readers and the writer are one connection, so that nothing
    /// depends on which of two answers first: whoever holds a transaction or a snapshot keeps everybody else waiting. For
    /// simulators.
    pub async fn in_memory() -> Result<Self> {
        let only = sqlite::in_memory().await?;
        Ok(Self::of(only.clone(), only))
    }

    /// Opens for reading only, also beside a process that has an SQLite file open. A file that is not there is an error.
    pub async fn look(url: &str, options: &OpenOptions) -> Result<Self> {
        if url.starts_with("sqlite:") {
            let reader = sqlite::look(url, options).await?;
            return Ok(Self::of(reader.clone(), reader));
        }
        Self::open_postgres(url, options).await
    }

    /// Opens for one short change, also beside a process that has an SQLite file open. Not for a server, nor for changes
    /// of the schema. A file that is not there is an error.
    pub async fn beside(url: &str, options: &OpenOptions) -> Result<Self> {
        if url.starts_with("sqlite:") {
            let (writer, reader) = sqlite::beside(url).await?;
            return Ok(Self::of(writer, reader));
        }
        Self::open_postgres(url, options).await
    }

    async fn open_postgres(url: &str, options: &OpenOptions) -> Result<Self> {
        if !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
            return Err(Error::Url(url.to_owned()));
        }
        let mut connect = ConnectOptions::new(url);
        connect
            .max_connections(options.postgres_connections.max(1))
            .acquire_timeout(POSTGRES_ACQUIRE_TIMEOUT)
            .sqlx_logging(false)
            .record_stmt_in_spans(false);
        if let Some(schema) = &options.postgres_schema {
            connect.set_schema_search_path(schema.clone());
        }
        let pool = Database::connect(connect).await?;
        Ok(Self::of(pool.clone(), pool))
    }

    fn of(writer: DatabaseConnection, reader: DatabaseConnection) -> Self {
        Self { writer, reader: Reader(reader, Hook::default()), file: None, hook: Hook::default() }
    }

    /// The same database with somebody in between. For simulators.
    #[must_use]
    pub fn with_interrupt(&self, interrupt: Arc<dyn Interrupt>) -> Self {
        let hook = Hook::new(interrupt);
        Self { reader: Reader(self.reader.0.clone(), hook.clone()), hook, ..self.clone() }
    }

    pub fn is_postgres(&self) -> bool {
        self.writer.get_database_backend() == DbBackend::Postgres
    }

    /// For one statement that only reads.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// For several reads that must see one state.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        let options = dialect::snapshot_options(self.reader.get_database_backend());
        let open = self.enter(Point::Snapshot).await?;
        Ok(Snapshot(self.reader.0.begin_with_options(options).await?, open))
    }

    /// For every change. Dropping it undoes everything.
    pub async fn begin(&self) -> Result<Tx> {
        let options = dialect::write_options(self.writer.get_database_backend());
        let open = self.enter(Point::Begin).await?;
        Ok(Tx(self.writer.begin_with_options(options).await?, open))
    }

    async fn enter(&self, point: Point<'_>) -> Result<Open> {
        let open = Open::new(self.hook.clone());
        self.hook.at(point).await?;
        Ok(open)
    }

    /// Brings the schema up to date, whole or not at all, and names the changes that it made. An SQLite file that holds
    /// data is copied beside itself first.
    pub async fn migrate(&self) -> Result<Vec<String>> {
        let pending = self.pending().await?;
        let Some(first) = pending.first() else {
            return Ok(pending);
        };
        if let Some(file) = &self.file
            && pending.len() < Migrator::migrations().len()
        {
            self.copy_before(&file.path, first).await?;
        }
        let tx = self.begin().await?;
        dialect::lock_migrations(&tx).await?;
        Migrator::up(&tx.0, None).await?;
        tx.commit().await?;
        Ok(pending)
    }

    /// Every change the program knows, and whether the database has it. Changes nothing.
    pub async fn migration_status(&self) -> Result<Vec<(String, bool)>> {
        let pending = self.pending().await?;
        let known = Migrator::migrations();
        Ok(known
            .iter()
            .map(|change| {
                let name = change.name().to_owned();
                let applied = !pending.contains(&name);
                (name, applied)
            })
            .collect())
    }

    async fn pending(&self) -> Result<Vec<String>> {
        let pending = Migrator::get_pending_migrations_read_only(&self.reader.0).await?;
        Ok(pending.iter().map(|change| change.name().to_owned()).collect())
    }

    async fn copy_before(&self, path: &Path, change: &str) -> Result<()> {
        let mut copy = path.as_os_str().to_owned();
        copy.push(format!(".before-{change}"));
        let copy = PathBuf::from(copy);
        // A copy of an earlier attempt holds the same state: a failed migration changes nothing.
        if copy.exists() { Ok(()) } else { self.backup_to(&copy).await }
    }

    /// Copies an SQLite database into a new file while others read and write.
    pub async fn backup_to(&self, path: &Path) -> Result<()> {
        let Some(file) = &self.file else {
            let what = if self.is_postgres() {
                "a PostgreSQL database is backed up with pg_dump"
            } else {
                "a database in memory is not backed up"
            };
            return Err(Error::Unsupported(what));
        };
        let path = path.to_str().ok_or(Error::Unsupported("the path of a backup must be UTF-8"))?;
        sqlite::copy(&file.path, path).await
    }

    /// Copies what was committed into the SQLite file itself, beside the writer, so that no commit has to wait for that.
    /// Nothing to do on PostgreSQL, which does it itself.
    pub async fn checkpoint(&self) -> Result<()> {
        match &self.file {
            Some(file) => dialect::checkpoint(&file.copier).await,
            None => Ok(()),
        }
    }

    /// Answers when the database does.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.reader.0.ping().await?)
    }

    /// Waits for running statements and closes every connection. Clones are closed too.
    pub async fn close(self) -> Result<()> {
        if let Some(file) = &self.file {
            file.copier.close_by_ref().await?;
        }
        self.reader.0.close_by_ref().await?;
        Ok(self.writer.close_by_ref().await?)
    }
}

/// Several reads of one state.
#[derive(Debug)]
pub struct Snapshot(DatabaseTransaction, Open);

/// A change and everything that belongs to it.
#[derive(Debug)]
#[must_use = "a transaction that is not committed is undone"]
pub struct Tx(DatabaseTransaction, Open);

impl Tx {
    pub async fn commit(self) -> Result<()> {
        let Self(transaction, open) = self;
        open.hook().at(Point::Commit).await?;
        transaction.commit().await?;
        Ok(open.hook().at(Point::Committed).await?)
    }

    pub async fn rollback(self) -> Result<()> {
        Ok(self.0.rollback().await?)
    }
}

impl Reader {
    const fn hook(&self) -> &Hook {
        &self.1
    }
}

impl Snapshot {
    const fn hook(&self) -> &Hook {
        self.1.hook()
    }
}

impl Tx {
    const fn hook(&self) -> &Hook {
        self.1.hook()
    }
}

macro_rules! connection {
    ($($name:ident)*) => {$(
        #[sea_orm::prelude::async_trait::async_trait]
        impl ConnectionTrait for $name {
            fn get_database_backend(&self) -> DbBackend {
                self.0.get_database_backend()
            }
            async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
                if self.hook().is_none() {
                    return self.0.execute_raw(stmt).await;
                }
                let sql = stmt.sql.clone();
                self.hook().around(&sql, self.0.execute_raw(stmt)).await
            }
            async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
                self.hook().around(sql, self.0.execute_unprepared(sql)).await
            }
            async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
                if self.hook().is_none() {
                    return self.0.query_one_raw(stmt).await;
                }
                let sql = stmt.sql.clone();
                self.hook().around(&sql, self.0.query_one_raw(stmt)).await
            }
            async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
                if self.hook().is_none() {
                    return self.0.query_all_raw(stmt).await;
                }
                let sql = stmt.sql.clone();
                self.hook().around(&sql, self.0.query_all_raw(stmt)).await
            }
        }
    )*};
}

connection!(Reader Snapshot Tx);
