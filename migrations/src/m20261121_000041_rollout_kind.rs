//! Which way a rollout takes its environments: forward, or back from a build, for a recovery. And which halted rollout it
//! takes the place of.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let kind = ColumnDef::new("kind").text().not_null().default("forward").take();
        for column in
            [kind, text_null("from_build").take(), uuid_null("recovery_id").take(), uuid_null("supersedes_id").take()]
        {
            manager.alter_table(Table::alter().table("rollout").add_column(column).take()).await?;
        }
        manager.create_index(index_on("rollout", &["recovery_id"])).await
    }
}
