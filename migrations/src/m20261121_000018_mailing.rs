//! Letters to every customer of a rollout, still being written: one row an occasion, with how far the writing has come.
//! A halt is committed at once; that each of a hundred thousand customers is told of it takes its time.

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
                .table("mailing")
                .col(pk_uuid("id"))
                .col(uuid("rollout_id"))
                // With the rollout and the customer, what makes each letter unique.
                .col(text("key"))
                .col(json("occasion"))
                .col(uuid_null("after_customer_id"))
                .col(big_integer("created_ms"))
                .foreign_key(&mut reference("mailing", "rollout_id", "rollout")),
            vec![unique_on("mailing", &["rollout_id", "key"])],
        )
        .await
    }
}
