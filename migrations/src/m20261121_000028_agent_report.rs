//! Every report of every agent, once, with what became of it.

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
                .table("agent_report")
                .col(uuid("environment_id"))
                .col(uuid("report_id"))
                .col(uuid_null("update_id"))
                .col(small_integer_null("attempt"))
                .col(big_integer("sequence"))
                .col(big_integer("at_ms"))
                .col(big_integer("received_ms"))
                .col(text("kind"))
                .col(json("said"))
                .col(text("outcome"))
                .primary_key(&mut key(&["environment_id", "report_id"]))
                .foreign_key(&mut reference("agent_report", "environment_id", "environment"))
                .foreign_key(&mut reference("agent_report", "update_id", "environment_update")),
            vec![index_on("agent_report", &["update_id", "attempt"])],
        )
        .await
    }
}
