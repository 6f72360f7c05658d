//! Rollouts that have nothing to do: the digest of the report, so that it is known without reading it whether a plan says
//! anything new; until when no plan has to be made; and what was recorded last when that was found. What is recorded of
//! more than one environment, and is no sign-in, ends such a rest: an index knows the last of it.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column a statement.
        let columns = [
            text_null("report_digest").take(),
            big_integer_null("rests_until_ms").take(),
            big_integer_null("rests_seq").take(),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table("rollout").add_column(column).take()).await?;
        }
        let stirs = Index::create()
            .name("ix_audit_event_stirs")
            .table("audit_event")
            .col("seq")
            .and_where(Expr::cust(
                "object_kind <> 'environment' and action not in ('user.signed_in', 'user.sign_in_failed')",
            ))
            .take();
        manager.create_index(stirs).await
    }
}
