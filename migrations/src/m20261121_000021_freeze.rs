//! Freezes: nights in which nothing starts, for everybody or for some.

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
                .table("freeze")
                .col(pk_uuid("id"))
                // The customer whose estate or environment it is for; none where it is for many.
                .col(uuid_null("customer_id"))
                .col(json("terms"))
                .col(big_integer("set_ms"))
                .col(big_integer_null("lifted_ms"))
                .col(big_integer("generation"))
                .foreign_key(&mut reference("freeze", "customer_id", "customer")),
            vec![index_on("freeze", &["lifted_ms", "id"]), index_on("freeze", &["customer_id", "id"])],
        )
        .await
    }
}
