//! Which estates of a rollout have to be looked at, and when. An estate is all that one customer has aboard.

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
                .table("estate")
                .col(uuid("rollout_id"))
                .col(uuid("customer_id"))
                .col(big_integer_null("due_ms"))
                .col(big_integer_null("last_night_ms"))
                .col(big_integer("version"))
                .primary_key(&mut key(&["rollout_id", "customer_id"]))
                .foreign_key(&mut reference("estate", "rollout_id", "rollout"))
                .foreign_key(&mut reference("estate", "customer_id", "customer")),
            vec![
                index_on("estate", &["rollout_id", "due_ms"]),
                index_on("estate", &["rollout_id", "last_night_ms"]),
                index_on("estate", &["customer_id"]),
                index_on("environment", &["service_update", "customer_id"]),
            ],
        )
        .await?;
        // Rollouts that are under way look at everybody once.
        let everybody = "insert into estate (rollout_id, customer_id, due_ms, version) \
                         select distinct r.id, e.customer_id, 0, 1 from rollout r \
                         join environment e on e.service_update = r.service_update \
                         or e.id in (select u.environment_id from environment_update u where u.rollout_id = r.id) \
                         where r.state in ('running', 'halted')";
        manager.get_connection().execute_unprepared(everybody).await?;
        Ok(())
    }
}
