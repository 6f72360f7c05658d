//! What programs ask with. The token itself is never here, only its hash.

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
                .table("api_token")
                .col(pk_uuid("id"))
                .col(text("name"))
                .col(text("kind"))
                .col(binary("hash"))
                .col(json("reach"))
                .col(uuid_null("customer_id"))
                .col(big_integer("created_ms"))
                .col(big_integer("expires_ms"))
                .col(big_integer_null("revoked_ms"))
                .col(big_integer_null("last_used_ms"))
                .foreign_key(&mut reference("api_token", "customer_id", "customer")),
            vec![unique_on("api_token", &["hash"]), unique_on("api_token", &["name"])],
        )
        .await
    }
}
