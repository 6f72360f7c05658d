//! Uses of the emergency path: what was asked for, its approvals, what it owes. One of them may be open for a rollout.

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
                .table("emergency")
                .col(pk_uuid("id"))
                .col(uuid("rollout_id"))
                .col(text("state"))
                .col(json("path"))
                .col(big_integer("created_ms"))
                .col(big_integer("generation"))
                .foreign_key(&mut reference("emergency", "rollout_id", "rollout"))
                .check(check(
                    "emergency_state",
                    "state in ('requested', 'approved', 'active', 'expired', 'ended', 'reviewed', 'withdrawn')",
                )),
            vec![index_on("emergency", &["rollout_id", "id"]), index_on("emergency", &["state"])],
        )
        .await?;
        let mut one_open = unique_on("emergency", &["rollout_id"]);
        one_open.name("ux_emergency_open");
        let open = one_open.and_where(Expr::cust("state in ('requested', 'approved', 'active')")).take();
        manager.create_index(open).await
    }
}
