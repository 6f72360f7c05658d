//! A fresh database for each test, gone afterwards.

use crate::{Connection, Db, OpenOptions};
use sea_orm::Database;
use std::env;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// Set by the build driver; without it the tests on PostgreSQL say that they did not run.
const POSTGRES_URL: &str = "SIGNALBOX_TEST_POSTGRES_URL";

pub struct TestDb {
    pub db: Db,
    /// Removed when the test ends.
    _folder: Option<TempDir>,
    schema: Option<String>,
}

impl TestDb {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let db = Db::open(&url, &OpenOptions { readers: 1, ..OpenOptions::default() }).await.unwrap();
        db.migrate().await.unwrap();
        Self { db, _folder: Some(folder), schema: None }
    }

    pub async fn postgres() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Ok(url) = env::var(POSTGRES_URL) else {
            println!("not run on PostgreSQL: {POSTGRES_URL} is not set");
            return None;
        };
        let schema = format!("store_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        run(&url, &format!("drop schema if exists {schema} cascade; create schema {schema}")).await;
        let options =
            OpenOptions { postgres_connections: 4, postgres_schema: Some(schema.clone()), ..OpenOptions::default() };
        let db = Db::open(&url, &options).await.unwrap();
        db.migrate().await.unwrap();
        Some(Self { db, _folder: None, schema: Some(schema) })
    }

    pub async fn end(self) {
        self.db.close().await.unwrap();
        if let (Some(schema), Ok(url)) = (self.schema, env::var(POSTGRES_URL)) {
            run(&url, &format!("drop schema {schema} cascade")).await;
        }
    }
}

async fn run(url: &str, sql: &str) {
    let conn = Database::connect(url).await.unwrap();
    conn.execute_unprepared(sql).await.unwrap();
    conn.close().await.unwrap();
}

/// Runs `async fn name(db: &Db)` as `name::sqlite` and `name::postgres`.
macro_rules! on_both {
    ($($name:ident)*) => {$(
        mod $name {
            use crate::tests::harness::TestDb;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let test = TestDb::sqlite().await;
                super::$name(&test.db).await;
                test.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(test) = TestDb::postgres().await {
                    super::$name(&test.db).await;
                    test.end().await;
                }
            }
        }
    )*};
}

pub(crate) use on_both;
