//! The hours of each open stage, summed up for its gate.

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
                .table("stage_telemetry")
                .col(uuid("rollout_id"))
                .col(small_integer("station"))
                .col(text("audience"))
                .col(json("hours"))
                .col(big_integer("summed_ms"))
                .primary_key(&mut key(&["rollout_id", "station", "audience"]))
                .foreign_key(&mut reference("stage_telemetry", "rollout_id", "rollout")),
            Vec::new(),
        )
        .await
    }
}
