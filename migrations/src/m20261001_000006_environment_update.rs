//! One environment's move within one rollout. The partial unique index holds the invariant that an environment is never
//! in two updates at once, whatever a server believes.

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
                .table("environment_update")
                .col(pk_uuid("id"))
                .col(uuid("rollout_id"))
                .col(uuid("environment_id"))
                .col(uuid("customer_id"))
                .col(small_integer_null("station"))
                .col(text_null("audience"))
                .col(uuid_null("follows_id"))
                .col(text("state"))
                .col(date_null("night_date"))
                .col(big_integer_null("night_start_ms"))
                .col(big_integer_null("night_end_ms"))
                .col(big_integer_null("announced_ms"))
                .col(json_null("moved"))
                .col(big_integer_null("started_ms"))
                .col(big_integer_null("dispatched_ms"))
                .col(big_integer_null("applied_ms"))
                .col(big_integer_null("finished_ms"))
                .col(text_null("error"))
                .col(json_null("reason"))
                .col(json("reasons"))
                .col(big_integer_null("next_ms"))
                .col(small_integer("attempts"))
                .col(big_integer_null("last_failed_ms"))
                .col(big_integer("created_ms"))
                .col(big_integer("generation"))
                .foreign_key(&mut reference("environment_update", "rollout_id", "rollout"))
                .foreign_key(&mut reference("environment_update", "environment_id", "environment"))
                .foreign_key(&mut reference("environment_update", "customer_id", "customer"))
                .foreign_key(&mut reference("environment_update", "follows_id", "environment"))
                .check(check("environment_update_stage", "(station is null) = (audience is null)"))
                .check(check(
                    "environment_update_state",
                    "state in ('planned', 'announced', 'in_progress', 'verifying', 'succeeded', 'failed', \
                     'already_satisfied', 'skipped', 'held')",
                ))
                .check(check(
                    "environment_update_columns",
                    "(night_date is not null or state not in ('announced', 'in_progress', 'verifying', 'succeeded', 'failed')) \
                     and (night_date is null or state <> 'planned') \
                     and (night_date is null) = (night_start_ms is null) and (night_date is null) = (night_end_ms is null) \
                     and (announced_ms is not null) = (state = 'announced') and (moved is null or state = 'announced') \
                     and (started_ms is not null) = (state in ('in_progress', 'verifying', 'succeeded', 'failed')) \
                     and (dispatched_ms is null or state in ('in_progress', 'verifying')) \
                     and (applied_ms is not null) = (state = 'verifying') \
                     and (finished_ms is not null) = (state in ('succeeded', 'failed', 'already_satisfied')) \
                     and (error is not null) = (state = 'failed') \
                     and (reason is not null) = (state in ('skipped', 'held'))",
                )),
            vec![
                unique_on("environment_update", &["rollout_id", "environment_id"]),
                index_on("environment_update", &["environment_id", "created_ms"]),
                index_on("environment_update", &["customer_id", "night_start_ms"]),
                index_on("environment_update", &["customer_id", "state"]),
                index_on("environment_update", &["rollout_id", "id"]),
                index_on("environment_update", &["rollout_id", "station", "audience", "id"]),
                index_on("environment_update", &["rollout_id", "state", "id"]),
            ],
        )
        .await?;
        manager.create_index(running()).await
    }
}

fn running() -> IndexCreateStatement {
    Index::create()
        .name("ux_environment_update_running")
        .table("environment_update")
        .col("environment_id")
        .unique()
        .and_where(Expr::col("state").is_in(["in_progress", "verifying"]))
        .take()
}
