//! What the engine promises at scale, measured on a fleet in an SQLite file: planning a whole fleet, a tick over it, and a
//! halt. `cargo xtask bench` runs it with 1,000,000 environments; `cargo bench -p services --features testing --bench
//! scale -- --environments N` with another number. Exits 1 where a promise is broken.
//!
//! | file | does |
//! |---|---|
//! | `fleet` | the fleet, and a rollout over all of it |
//! | `promises` | what is measured, one after the other |
//! | `measure` | wall time, CPU time, memory, the table |
//!
//! A whole-system run, once, and so not a harness that repeats small functions: filling the database takes longer than
//! everything that is measured.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run says where and ends")]

mod fleet;
mod measure;
mod promises;

use fleet::Fleet;
use measure::Table;
use std::process::ExitCode;
use std::time::Duration;
use store::Db;

const ENVIRONMENTS: u32 = 1_000_000;

/// As the server does it (`background::checkpoints`).
async fn copy(db: Db) {
    loop {
        db.checkpoint().await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn main() -> ExitCode {
    let asked = std::env::args().skip_while(|word| word != "--environments").nth(1);
    let environments = asked.map_or(ENVIRONMENTS, |number| number.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut table = Table::default();
    runtime.block_on(async {
        let fleet = Fleet::fill(environments, &mut table).await;
        let copying = tokio::spawn(copy(fleet.services.db().clone()));
        promises::measure(&fleet, &mut table).await;
        copying.abort();
    });
    table.print();
    if table.is_kept() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
