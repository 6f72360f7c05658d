//! Incidents that listening systems opened against builds.

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
                .table("incident")
                .col(uuid("token_id"))
                .col(text("name"))
                .col(text("build"))
                .col(text("severity"))
                .col(text("finding"))
                .col(big_integer("opened_ms"))
                .col(big_integer("received_ms"))
                .col(text("outcome"))
                .primary_key(&mut key(&["token_id", "name"]))
                .foreign_key(&mut reference("incident", "token_id", "api_token")),
            vec![index_on("incident", &["build"])],
        )
        .await
    }
}
