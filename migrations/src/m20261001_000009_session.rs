//! Signed-in browsers. Only a hash of the cookie's value is kept: a leaked database gives no live session.

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
                .table("session")
                .col(binary("id_hash").primary_key())
                .col(uuid_null("user_id"))
                .col(text("data"))
                .col(big_integer("created_ms"))
                .col(big_integer("last_seen_ms"))
                .col(big_integer("expires_ms"))
                .col(text_null("ip"))
                .col(text_null("user_agent"))
                .foreign_key(&mut reference("session", "user_id", "user_account")),
            vec![index_on("session", &["user_id"]), index_on("session", &["expires_ms"])],
        )
        .await
    }
}
