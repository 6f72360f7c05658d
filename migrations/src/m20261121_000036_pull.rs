//! Updates that their owners take ahead: what was booked, and when the attempt started that brought the build so.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column a statement.
        for column in [json_null("pull").take(), big_integer_null("pulled_ms").take()] {
            manager.alter_table(Table::alter().table("environment_update").add_column(column).take()).await?;
        }
        let pulled = Index::create()
            .name("ix_environment_update_pulled")
            .table("environment_update")
            .col("rollout_id")
            .and_where(Expr::cust("pulled_ms is not null"))
            .take();
        manager.create_index(pulled).await
    }
}
