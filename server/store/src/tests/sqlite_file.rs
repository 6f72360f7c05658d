//! What only a file can do wrong: two processes, a killed process, an upgrade.

use super::audit_and_outbox::event;
use super::fixtures::{fleet, now};
use crate::estate::Seen;
use crate::{Connection, Db, Error, OpenOptions, audit, estate, rollout, setting, update};
use chrono::DateTime;
use domain::ids::{CustomerId, RolloutId};
use domain::rollout::Part;
use domain::wire::signal::UpdateStateWord;
use migrations::{Migrator, MigratorTrait};
use sea_orm::Database;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use uuid::Uuid;

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
    // The program that wrote this file did not know the last change.
    let known = u32::try_from(Migrator::migrations().len()).unwrap();
    let old = Database::connect(format!("sqlite:{}?mode=rwc", path.display())).await.unwrap();
    Migrator::up(&old, Some(known - 1)).await.unwrap();
    old.close().await.unwrap();
    let db = open(&path).await.unwrap();
    let (last, is_applied) = db.migration_status().await.unwrap().pop().unwrap();
    assert!(!is_applied);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().filter(|entry| is_copy(entry.as_ref().unwrap())).count(), 0);
    assert_eq!(db.migrate().await.unwrap(), std::slice::from_ref(&last));
    let copy = folder.path().join(format!("one.db.before-{last}"));
    let before = open(&copy).await.unwrap();
    assert_eq!(before.migration_status().await.unwrap().pop(), Some((last, false)));
}

/// The changes that the first landed version brought.
const FIRST_CHANGES: u32 = 14;

/// A rollout that was under way before counters and estates were kept: everybody in it is looked at once, and counted.
#[tokio::test]
async fn what_was_under_way_is_counted_and_due_after_an_upgrade() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.db");
    let old = Database::connect(format!("sqlite:{}?mode=rwc", path.display())).await.unwrap();
    Migrator::up(&old, Some(FIRST_CHANGES)).await.unwrap();
    let id = |number: u32| format!("x'{number:032x}'");
    let (rollout, customer, build) = (id(7), id(9), id(8));
    let ground = format!(
        "insert into customer values ({customer}, 'Contoso', 'contoso', 'contoso.example', 'retail', 0, 1); \
         insert into build values ({build}, '10.0.48', '10.0.2645.147', '', null, 1, null, null, 1); \
         insert into rollout values ({rollout}, '10.0.48', 7, {build}, 'biweekly', '2026-10-02', '{{}}', 'running', 1, \
         {customer}, null, null, null, null, '{{}}', 1, 1)"
    );
    old.execute_unprepared(&ground).await.unwrap();
    for (number, state, finished) in [(1, "planned", "null"), (2, "planned", "null"), (3, "already_satisfied", "7")] {
        let (environment, update) = (id(number), id(100 + number));
        let rows = format!(
            "insert into environment (id, customer_id, name, name_key, kind, tier, region, station, service_update, build, \
             build_sort, build_since_ms, designation, priority_batch, created_ms, generation) values ({environment}, \
             {customer}, 'e{number}', 'e{number}', 'sandbox', 2, 'x', 0, '10.0.48', '10.0.2645.136', '', 1, 'standard', 1, \
             1, 1); \
             insert into environment_update (id, rollout_id, environment_id, customer_id, state, finished_ms, reasons, \
             attempts, created_ms, generation) values ({update}, {rollout}, {environment}, {customer}, '{state}', \
             {finished}, '[]', 0, 1, 1)"
        );
        old.execute_unprepared(&rows).await.unwrap();
    }
    old.close().await.unwrap();
    let db = open(&path).await.unwrap();
    db.migrate().await.unwrap();
    let rollout = RolloutId::new(Uuid::from_u128(7));
    let due = estate::due(db.reader(), rollout, DateTime::UNIX_EPOCH, 10).await.unwrap();
    assert_eq!(due, [Seen { customer: CustomerId::new(Uuid::from_u128(9)), version: 1, last_night: None }]);
    let mut counts = update::counts::of_rollout(db.reader(), rollout).await.unwrap();
    counts.sort_by_key(|(.., count)| *count);
    let group = |word, count| (None, Part::Out, word, count);
    assert_eq!(counts, [group(UpdateStateWord::AlreadySatisfied, 1), group(UpdateStateWord::Planned, 2)]);
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
