//! Trains in execution, their stages and the approvals of stations. A state's columns are set exactly in that state.

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
                .table("rollout")
                .col(pk_uuid("id"))
                .col(text("service_update"))
                .col(integer("train_number"))
                .col(uuid("build_id"))
                .col(text("cadence"))
                .col(date("start_date"))
                .col(json("policy"))
                .col(text("state"))
                .col(big_integer_null("started_ms"))
                .col(uuid_null("started_by"))
                .col(big_integer_null("halted_ms"))
                .col(json_null("halt_cause"))
                .col(big_integer_null("resumed_ms"))
                .col(big_integer_null("completed_ms"))
                .col(json("report"))
                .col(big_integer("created_ms"))
                .col(big_integer("generation"))
                .foreign_key(&mut reference("rollout", "build_id", "build"))
                .check(check("rollout_state", "state in ('draft', 'running', 'halted', 'completed')"))
                .check(check(
                    "rollout_columns",
                    "(started_ms is null) = (state = 'draft') and (started_by is null) = (state = 'draft') \
                     and (halted_ms is not null) = (state = 'halted') and (halt_cause is not null) = (state = 'halted') \
                     and (completed_ms is not null) = (state = 'completed') \
                     and (resumed_ms is null or state = 'running')",
                )),
            vec![index_on("rollout", &["state"]), index_on("rollout", &["created_ms", "id"]), index_on("rollout", &["build_id"])],
        )
        .await?;
        create(
            manager,
            Table::create()
                .table("stage")
                .col(uuid("rollout_id"))
                .col(small_integer("station"))
                .col(text("audience"))
                .col(date("first_date"))
                .col(date("last_date"))
                .col(text("state"))
                .col(big_integer_null("opened_ms"))
                .col(big_integer_null("passed_ms"))
                .primary_key(&mut key(&["rollout_id", "station", "audience"]))
                .foreign_key(&mut reference("stage", "rollout_id", "rollout"))
                .check(check("stage_audience", "audience in ('sandbox', 'production')"))
                .check(check("stage_state", "state in ('waiting', 'open', 'passed')"))
                .check(check(
                    "stage_columns",
                    "(opened_ms is null) = (state = 'waiting') and (passed_ms is not null) = (state = 'passed')",
                )),
            vec![],
        )
        .await?;
        create(
            manager,
            Table::create()
                .table("approval")
                .col(uuid("rollout_id"))
                .col(small_integer("station"))
                .col(uuid("user_id"))
                .col(text("user_name"))
                .col(big_integer("at_ms"))
                .primary_key(&mut key(&["rollout_id", "station"]))
                .foreign_key(&mut reference("approval", "rollout_id", "rollout")),
            vec![],
        )
        .await
    }
}
