//! Exemptions with their record: who asked, with what evidence, who decided, until when, and when its owner is reminded.

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
                .table("exemption")
                .col(pk_uuid("id"))
                .col(uuid("customer_id"))
                .col(uuid("environment_id"))
                .col(text("state"))
                .col(json("record"))
                // When the next reminder is owed; none where none is.
                .col(big_integer_null("remind_ms"))
                .col(big_integer("generation"))
                .foreign_key(&mut reference("exemption", "customer_id", "customer"))
                .foreign_key(&mut reference("exemption", "environment_id", "environment"))
                .check(check("exemption_state", "state in ('requested', 'refused', 'granted', 'withdrawn')")),
            vec![
                index_on("exemption", &["environment_id", "id"]),
                index_on("exemption", &["state", "id"]),
                index_on("exemption", &["remind_ms"]),
            ],
        )
        .await
    }
}
