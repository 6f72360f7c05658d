//! Who does a job that only one server may do. `epoch` fences off an owner that lost it.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            Table::create()
                .table("lease")
                .col(text("name").primary_key())
                .col(text("owner"))
                .col(big_integer("epoch"))
                .col(big_integer("until_ms")),
            vec![],
        )
        .await
    }
}
