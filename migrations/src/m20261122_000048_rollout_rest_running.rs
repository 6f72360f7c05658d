//! What ran when a rollout was laid down to rest, as one number: whatever ends makes room under a cap, and ends the rest.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let running = big_integer_null("rests_running").take();
        manager.alter_table(Table::alter().table("rollout").add_column(running).take()).await
    }
}
