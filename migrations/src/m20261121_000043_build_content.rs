//! What a build brings: its changes, each with the flight that guards it, and how its schema changes behave towards the
//! builds before it. Absent: not recorded.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["changes", "schema_changes"] {
            manager.alter_table(Table::alter().table("build").add_column(json_null(column)).take()).await?;
        }
        Ok(())
    }
}
