//! Recoveries: one way out of a halt, proposed, approved, carried out; and which environment it takes back to which build.

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
                .table("recovery")
                .col(pk_uuid("id"))
                .col(uuid("rollout_id"))
                .col(text("state"))
                .col(json("plan"))
                .col(big_integer("created_ms"))
                .col(big_integer("generation"))
                .foreign_key(&mut reference("recovery", "rollout_id", "rollout"))
                .check(check(
                    "recovery_state",
                    "state in ('proposed', 'approved', 'running', 'completed', 'abandoned')",
                )),
            vec![index_on("recovery", &["rollout_id", "id"])],
        )
        .await?;
        create(
            manager,
            Table::create()
                .table("recovery_move")
                .col(uuid("recovery_id"))
                .col(uuid("environment_id"))
                .col(text("to_build"))
                .col(big_integer_null("restored_from_ms"))
                .primary_key(&mut key(&["recovery_id", "environment_id"]))
                .foreign_key(&mut reference("recovery_move", "recovery_id", "recovery"))
                .foreign_key(&mut reference("recovery_move", "environment_id", "environment")),
            vec![],
        )
        .await
    }
}
