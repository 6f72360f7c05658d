//! Customers: the unit of isolation. `name_key` is the lower-case name, for order and search.

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
                .table("customer")
                .col(pk_uuid("id"))
                .col(text("name"))
                .col(text("name_key"))
                .col(text("domain"))
                .col(text("sector"))
                .col(boolean("regulated"))
                .col(big_integer("created_ms")),
            vec![unique_on("customer", &["domain"]), index_on("customer", &["name_key", "id"])],
        )
        .await
    }
}
