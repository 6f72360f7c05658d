//! Environments and what they run now. `station` (0 = none) follows from designation and region; `current_update_id` and
//! `current_state` repeat the newest row of `environment_update` (no foreign key: that table refers back here), so that
//! the version finder filters and sorts without a join.

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
                .table("environment")
                .col(pk_uuid("id"))
                .col(uuid("customer_id"))
                .col(text("name"))
                .col(text("name_key"))
                .col(text("kind"))
                .col(small_integer("tier"))
                .col(text("region"))
                .col(small_integer("station"))
                .col(text("service_update"))
                .col(text("build"))
                .col(text("build_sort"))
                .col(text_null("platform_build"))
                .col(big_integer("build_since_ms"))
                .col(text("designation"))
                .col(uuid_null("follows_id"))
                .col(small_integer_null("chosen_days"))
                .col(boolean("priority_batch"))
                .col(text_null("exemption_reason"))
                .col(text_null("exemption_evidence"))
                .col(big_integer_null("exemption_expires_ms"))
                .col(uuid_null("current_update_id"))
                .col(text_null("current_state"))
                .col(big_integer("created_ms"))
                .col(big_integer("generation"))
                .foreign_key(&mut reference("environment", "customer_id", "customer"))
                .foreign_key(&mut reference("environment", "follows_id", "environment"))
                .check(check("environment_kind", "kind in ('production', 'sandbox', 'trial')"))
                .check(check(
                    "environment_designation",
                    "(designation in ('standard', 'early') and follows_id is null) \
                     or (designation = 'with_production' and follows_id is not null)",
                ))
                .check(check("environment_days", "chosen_days is null or chosen_days between 1 and 127"))
                .check(check(
                    "environment_exemption",
                    "(exemption_reason is null) = (exemption_evidence is null) \
                     and (exemption_reason is null) = (exemption_expires_ms is null)",
                ))
                .check(check("environment_current", "(current_update_id is null) = (current_state is null)")),
            vec![
                unique_on("environment", &["customer_id", "name_key"]),
                // With the customer, so that a search over names reads the index alone until it has found something.
                index_on("environment", &["name_key", "id", "customer_id"]),
                index_on("environment", &["build", "name_key", "id"]),
                index_on("environment", &["service_update", "name_key", "id"]),
                index_on("environment", &["station", "name_key", "id"]),
                index_on("environment", &["region", "name_key", "id"]),
                index_on("environment", &["current_state", "name_key", "id"]),
                index_on("environment", &["follows_id"]),
            ],
        )
        .await
    }
}
