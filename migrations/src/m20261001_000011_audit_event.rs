//! The audit chain. `details` is text, not JSON: the hash is over exactly these letters.

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
                .table("audit_event")
                .col(big_integer("seq").primary_key())
                .col(uuid("id"))
                .col(big_integer("at_ms"))
                .col(text("actor_kind"))
                .col(text_null("actor_id"))
                .col(text("actor_name"))
                .col(text("action"))
                .col(text("object_kind"))
                .col(text("object_id"))
                .col(uuid_null("customer_id"))
                .col(text("details"))
                .col(binary("prev_hash"))
                .col(binary("hash"))
                .check(check("audit_event_actor", "actor_kind in ('person', 'system', 'agent')")),
            vec![
                unique_on("audit_event", &["id"]),
                index_on("audit_event", &["object_kind", "object_id", "seq"]),
                index_on("audit_event", &["customer_id", "seq"]),
            ],
        )
        .await
    }
}
