//! Messages to customers and who has read them. `dedupe_key` makes writing one twice harmless.

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
                .table("notification")
                .col(pk_uuid("id"))
                .col(uuid("customer_id"))
                .col(text("kind"))
                .col(uuid_null("environment_id"))
                .col(uuid_null("rollout_id"))
                .col(json("payload"))
                .col(big_integer("created_ms"))
                .col(text("dedupe_key"))
                .foreign_key(&mut reference("notification", "customer_id", "customer"))
                .foreign_key(&mut reference("notification", "environment_id", "environment"))
                .foreign_key(&mut reference("notification", "rollout_id", "rollout"))
                .check(check(
                    "notification_kind",
                    "kind in ('scheduled', 'announced', 'moved', 'delivered', 'failed', 'satisfied', 'skipped', 'held', 'halted', \
                     'resumed')",
                )),
            vec![
                unique_on("notification", &["dedupe_key"]),
                index_on("notification", &["customer_id", "created_ms", "id"]),
                index_on("notification", &["customer_id", "kind", "created_ms", "id"]),
            ],
        )
        .await?;
        create(
            manager,
            Table::create()
                .table("notification_read")
                .col(uuid("notification_id"))
                .col(uuid("user_id"))
                .col(big_integer("at_ms"))
                .primary_key(&mut key(&["notification_id", "user_id"]))
                .foreign_key(&mut reference("notification_read", "notification_id", "notification"))
                .foreign_key(&mut reference("notification_read", "user_id", "user_account")),
            vec![index_on("notification_read", &["user_id"])],
        )
        .await
    }
}
