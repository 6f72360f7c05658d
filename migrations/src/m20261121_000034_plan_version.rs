//! Plans of rollouts as they were worked out: one for each state of what decides them, so that two can be compared. One
//! that is being worked out holds how far it is.

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
                .table("plan_version")
                .col(uuid("rollout_id"))
                .col(integer("number"))
                .col(json("basis"))
                .col(json_null("figures"))
                .col(big_integer_null("made_ms"))
                .col(json_null("work"))
                .col(boolean("working"))
                .col(big_integer("generation"))
                .primary_key(&mut key(&["rollout_id", "number"]))
                .foreign_key(&mut reference("plan_version", "rollout_id", "rollout"))
                .check(check("plan_version_made", "(figures is null) = (made_ms is null)"))
                .check(check("plan_version_work", "working = (work is not null)")),
            vec![index_on("plan_version", &["working", "rollout_id"])],
        )
        .await
    }
}
