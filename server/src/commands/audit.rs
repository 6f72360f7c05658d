//! `signalbox audit verify`: recomputes the chain of the audit trail. Exit code 1 where it is broken.

use super::database::DatabaseArgs;
use anyhow::Context;
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Recompute every hash of the audit trail and compare.
    Verify(DatabaseArgs),
}

pub async fn run(command: AuditCommand) -> anyhow::Result<ExitCode> {
    let AuditCommand::Verify(database) = command;
    let db = database.look().await?;
    let found = store::audit::verify(&db.snapshot().await?).await.context("the audit trail could not be read")?;
    db.close().await?;
    if let Some(seq) = found.first_broken {
        println!("the chain is broken at event {seq}: it, or one before it, was changed or removed");
        return Ok(ExitCode::FAILURE);
    }
    println!("{} events, unbroken; head {}", found.events, hex(&found.head));
    Ok(ExitCode::SUCCESS)
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
