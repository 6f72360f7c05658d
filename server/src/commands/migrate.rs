//! `signalbox migrate`: brings the schema up to date.

use super::database::DatabaseArgs;
use anyhow::Context;
use std::process::ExitCode;

pub async fn run(database: DatabaseArgs) -> anyhow::Result<ExitCode> {
    let db = database.open().await?;
    let applied = db.migrate().await.context("the schema could not be brought up to date; nothing was changed")?;
    for name in &applied {
        println!("applied {name}");
    }
    println!("{}", if applied.is_empty() { "the schema was up to date" } else { "the schema is up to date" });
    db.close().await?;
    Ok(ExitCode::SUCCESS)
}
