//! How many of a stage's updates had succeeded when the rollout was last resumed: the test on failures begins anew then.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = big_integer("succeeded_before").default(0).take();
        manager.alter_table(Table::alter().table("stage").add_column(column).take()).await
    }
}
