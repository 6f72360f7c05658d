//! The flag that every command with a database has.

use anyhow::Context;
use clap::Args;
use std::path::Path;
use store::{Db, OpenOptions};

#[derive(Debug, Clone, Args)]
pub struct DatabaseArgs {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(long, env = "SIGNALBOX_DATABASE_URL", default_value = "sqlite:var/signalbox.db", hide_env_values = true)]
    pub database_url: String,
}

impl DatabaseArgs {
    pub async fn open(&self) -> anyhow::Result<Db> {
        if let Some(folder) = self.database_url.strip_prefix("sqlite:").and_then(|path| Path::new(path).parent()) {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("the folder {} could not be made", folder.display()))?;
        }
        Db::open(&self.database_url, &OpenOptions::default()).await.context("the database could not be opened")
    }

    /// Opened, and refused where its schema is not this program's.
    pub async fn open_current(&self) -> anyhow::Result<Db> {
        let db = self.open().await?;
        let pending = db.migration_status().await.context("the schema could not be read")?;
        if pending.iter().any(|(_, applied)| !applied) {
            anyhow::bail!("the schema is not up to date; run `signalbox migrate` first");
        }
        Ok(db)
    }
}
