//! When a customer takes the next service update of an environment, where that is known.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let due = date_null("service_update_due").take();
        manager.alter_table(Table::alter().table("environment").add_column(due).take()).await
    }
}
