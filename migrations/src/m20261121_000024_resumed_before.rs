//! A halted rollout still knows what a person had accepted before. `resumed_ms` belongs to running ones alone.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = big_integer_null("resumed_before_ms")
            .check(Expr::cust("resumed_before_ms is null or state = 'halted'"))
            .take();
        manager.alter_table(Table::alter().table("rollout").add_column(column).take()).await
    }
}
