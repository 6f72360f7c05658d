//! The flag that every command with a database has.

use anyhow::Context;
use clap::Args;
use store::{Db, OpenOptions, sqlite_path};

#[derive(Debug, Clone, Args)]
pub struct DatabaseArgs {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(long, env = "SIGNALBOX_DATABASE_URL", default_value = "sqlite:var/signalbox.db", hide_env_values = true)]
    pub database_url: String,
}

impl DatabaseArgs {
    /// For a server or a change of the schema, and for nobody else meanwhile. Made where it is not there.
    pub async fn open(&self) -> anyhow::Result<Db> {
        if let Some(folder) = sqlite_path(&self.database_url)?.as_deref().and_then(|path| path.parent()) {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("the folder {} could not be made", folder.display()))?;
        }
        Db::open(&self.database_url, &OpenOptions::default()).await.context("the database could not be opened")
    }

    /// For one short change, also while a server runs on it. Refused where it is not there or its schema is not this
    /// program's.
    pub async fn beside(&self) -> anyhow::Result<Db> {
        self.expect_it()?;
        let db = Db::beside(&self.database_url, &OpenOptions::default()).await;
        current(db.context("the database could not be opened")?).await
    }

    /// For reading only, also while a server runs on it.
    pub async fn look(&self) -> anyhow::Result<Db> {
        self.expect_it()?;
        let db = Db::look(&self.database_url, &OpenOptions::default()).await;
        current(db.context("the database could not be opened")?).await
    }

    /// A path with a mistake in it must not make an empty database.
    fn expect_it(&self) -> anyhow::Result<()> {
        match sqlite_path(&self.database_url)? {
            Some(path) if !path.exists() => anyhow::bail!(
                "there is no database {}; name another with --database-url, or run `signalbox migrate` to make it",
                path.display()
            ),
            _ => Ok(()),
        }
    }
}

async fn current(db: Db) -> anyhow::Result<Db> {
    let pending = db.migration_status().await.context("the schema could not be read")?;
    if pending.iter().any(|(_, applied)| !applied) {
        anyhow::bail!("the schema is not up to date; run `signalbox migrate` first");
    }
    Ok(db)
}
