//! Environments whose agent speaks for them, and its newest word on what runs there.

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
                .table("agent")
                .col(pk_uuid("environment_id"))
                .col(uuid("token_id"))
                .col(big_integer("since_ms"))
                .col(big_integer("seen_ms"))
                .col(big_integer_null("runs_at_ms"))
                .col(big_integer_null("runs_sequence"))
                .col(text_null("runs_build"))
                .foreign_key(&mut reference("agent", "environment_id", "environment"))
                .foreign_key(&mut reference("agent", "token_id", "api_token"))
                .check(check(
                    "agent_runs",
                    "(runs_at_ms is null) = (runs_build is null) and (runs_sequence is null) = (runs_build is null)",
                )),
            Vec::new(),
        )
        .await
    }
}
