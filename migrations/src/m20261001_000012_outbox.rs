//! What others must hear of, written with the change itself.

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
                .table("outbox")
                .col(big_pk_auto("seq"))
                .col(big_integer("at_ms"))
                .col(text("topic"))
                .col(text("key"))
                .col(json("payload"))
                .col(big_integer_null("handled_ms")),
            vec![index_on("outbox", &["handled_ms", "seq"])],
        )
        .await
    }
}
