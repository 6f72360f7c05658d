//! How many updates of a rollout are in which state: maintained, so that judging a stage never counts the fleet.

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
                .table("update_count")
                .col(uuid("rollout_id"))
                // 0 and empty: without a stage.
                .col(small_integer("station"))
                .col(text("audience"))
                .col(text("part"))
                .col(text("state"))
                .col(big_integer("updates"))
                .primary_key(&mut key(&["rollout_id", "station", "audience", "part", "state"]))
                .foreign_key(&mut reference("update_count", "rollout_id", "rollout"))
                .check(check("update_count_positive", "updates >= 0")),
            vec![],
        )
        .await?;
        let count = "insert into update_count (rollout_id, station, audience, part, state, updates) \
                     select rollout_id, coalesce(station, 0), coalesce(audience, ''), part, state, count(*) \
                     from environment_update group by 1, 2, 3, 4, 5";
        manager.get_connection().execute_unprepared(count).await?;
        Ok(())
    }
}
