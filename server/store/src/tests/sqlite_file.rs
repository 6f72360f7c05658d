//! What only a file can do wrong: two processes, a killed process, an upgrade.

use super::audit_and_outbox::event;
use super::fixtures::{fleet, now};
use crate::{Connection, Db, Error, OpenOptions, audit, rollout, setting};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// Set for the child process that is killed in the middle of its work.
const CHILD: &str = "STORE_TEST_CHILD_DATABASE";

async fn open(path: &Path) -> Result<Db, Error> {
    Db::open(&format!("sqlite:{}", path.display()), &OpenOptions::default()).await
}

#[tokio::test]
async fn a_file_is_open_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.db");
    let first = open(&path).await.unwrap();
    let second = open(&path).await;
    assert!(matches!(&second, Err(Error::AlreadyOpen { path: named }) if *named == path), "{second:?}");
    first.close().await.unwrap();
    open(&path).await.unwrap().close().await.unwrap();
}

#[tokio::test]
async fn who_only_looks_may_look_beside_a_server_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.db");
    let url = format!("sqlite:{}", path.display());
    assert!(Db::look(&url, &OpenOptions::default()).await.is_err(), "nothing to look at");
    assert!(!path.exists());
    let server = open(&path).await.unwrap();
    server.migrate().await.unwrap();
    let looking = Db::look(&url, &OpenOptions::default()).await.unwrap();
    fleet(&server, 50, 3).await;
    assert_eq!(rollout::list(looking.reader(), &rollout::RolloutFilter::default()).await.unwrap().len(), 1);
    assert!(looking.begin().await.is_err(), "no change can even begin");
}

async fn append_events(db: &Db, first: u128) {
    for number in first..first + 20 {
        let tx = db.begin().await.unwrap();
        audit::append(&tx, &event(number)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_changes_something_beside_a_server_which_sees_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.db");
    let url = format!("sqlite:{}", path.display());
    assert!(Db::beside(&url, &OpenOptions::default()).await.is_err(), "nothing to change");
    assert!(!path.exists());
    let server = open(&path).await.unwrap();
    server.migrate().await.unwrap();
    let command = Db::beside(&url, &OpenOptions::default()).await.unwrap();
    let tx = command.begin().await.unwrap();
    setting::put(&tx, "told", &"by the command").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(setting::get::<String>(server.reader(), "told").await.unwrap().as_deref(), Some("by the command"));
    // Both append to the audit trail at the same time: each reads its end inside its own write transaction.
    tokio::join!(append_events(&server, 1), append_events(&command, 101));
    let verified = audit::verify(server.reader()).await.unwrap();
    assert_eq!((verified.events, verified.first_broken), (40, None));
    command.close().await.unwrap();
    append_events(&server, 201).await;
    assert_eq!(audit::verify(server.reader()).await.unwrap().events, 60, "the server goes on");
}

#[tokio::test]
async fn only_files_and_postgres_are_urls() {
    for url in ["mysql://localhost/x", "sqlite::memory:", "signalbox.db"] {
        let refused = Db::open(url, &OpenOptions::default()).await;
        assert!(matches!(refused, Err(Error::Url(_))), "{url}: {refused:?}");
    }
}

#[tokio::test]
async fn a_backup_is_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder.path().join("one.db")).await.unwrap();
    db.migrate().await.unwrap();
    fleet(&db, 50, 3).await;
    let copy = folder.path().join("copy.db");
    db.backup_to(&copy).await.unwrap();
    let restored = open(&copy).await.unwrap();
    assert_eq!(restored.migrate().await.unwrap(), Vec::<String>::new());
    assert_eq!(rollout::list(restored.reader(), &rollout::RolloutFilter::default()).await.unwrap().len(), 1);
    assert!(db.backup_to(&copy).await.is_err(), "a backup never overwrites");
}

#[tokio::test]
async fn an_upgrade_keeps_a_copy_of_what_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.db");
    let db = open(&path).await.unwrap();
    let first = db.migrate().await.unwrap();
    let last = first.last().unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().filter(|entry| is_copy(entry.as_ref().unwrap())).count(), 0);
    // As if the program that wrote this file had not known the last change.
    let tx = db.begin().await.unwrap();
    tx.execute_unprepared("drop table setting").await.unwrap();
    tx.execute_unprepared(&format!("delete from seaql_migrations where version = '{last}'")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.migration_status().await.unwrap().last(), Some(&(last.clone(), false)));
    assert_eq!(db.migrate().await.unwrap(), std::slice::from_ref(last));
    let copy = folder.path().join(format!("one.db.before-{last}"));
    let before = open(&copy).await.unwrap();
    assert_eq!(before.migration_status().await.unwrap().last(), Some(&(last.clone(), false)));
}

fn is_copy(entry: &std::fs::DirEntry) -> bool {
    entry.file_name().to_string_lossy().contains("before")
}

/// Runs as a process of its own: commits numbers and says each one after its commit, until it is killed.
#[tokio::test]
async fn child_that_commits_until_killed() {
    let Ok(path) = std::env::var(CHILD) else {
        return;
    };
    let db = open(Path::new(&path)).await.unwrap();
    db.migrate().await.unwrap();
    for number in 1_u32.. {
        let tx = db.begin().await.unwrap();
        setting::put(&tx, "number", &number).await.unwrap();
        crate::outbox::append(&tx, "number", "n", &number.into(), now()).await.unwrap();
        tx.commit().await.unwrap();
        println!("committed {number}");
    }
}

#[tokio::test]
async fn a_killed_process_loses_no_commit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("killed.db");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::sqlite_file::child_that_commits_until_killed", "--nocapture"])
        .env(CHILD, &path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let numbers =
        lines.filter_map(|line| line.split_once("committed ").and_then(|(_, n)| n.trim().parse::<u32>().ok()));
    let acknowledged = numbers.take(60).last().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(acknowledged, 60);

    let db = open(&path).await.unwrap();
    assert_eq!(db.migrate().await.unwrap(), Vec::<String>::new());
    let number: u32 = setting::get(db.reader(), "number").await.unwrap().unwrap();
    assert!(number >= acknowledged, "{number} < {acknowledged}");
    let rows = crate::outbox::after(db.reader(), 0, 1_000_000).await.unwrap();
    assert_eq!(rows.len(), number as usize, "each commit is there whole");
}
