//! What an approval was given for, and the last edit of it. Without a digest: given before digests were kept, when
//! nothing could be edited.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let added = [
            ("approval", text_null("digest")),
            ("rollout", big_integer_null("edited_ms")),
            ("rollout", json_null("edited_by")),
        ];
        for (table, column) in added {
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        Ok(())
    }
}
