//! The estates that are due, in the order in which they are looked at: after a start a million of them are due at once, and
//! sorting them took longer than planning some.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("ix_estate_rollout_id_due_ms").table("estate").to_owned()).await?;
        manager.create_index(index_on("estate", &["rollout_id", "due_ms", "customer_id"])).await
    }
}
