//! What listening systems said of each environment, hour by hour.

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
                .table("telemetry_hour")
                .col(uuid("environment_id"))
                .col(big_integer("hour"))
                .col(integer("covered_seconds"))
                .col(big_integer("usage"))
                .col(big_integer("errors"))
                .col(big_integer("received_ms"))
                .primary_key(&mut key(&["environment_id", "hour"]))
                .foreign_key(&mut reference("telemetry_hour", "environment_id", "environment")),
            vec![index_on("telemetry_hour", &["received_ms"]), index_on("telemetry_hour", &["hour"])],
        )
        .await
    }
}
