//! Registered builds. `version_sort` is the version with zero-padded parts, so that text order is version order.

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
                .table("build")
                .col(pk_uuid("id"))
                .col(text("service_update"))
                .col(text("version"))
                .col(text("version_sort"))
                .col(text_null("platform_version"))
                .col(big_integer("registered_at_ms"))
                .col(big_integer_null("halted_at_ms"))
                .col(text_null("halt_reason"))
                .col(big_integer("generation"))
                .check(check("build_halt", "(halted_at_ms is null) = (halt_reason is null)")),
            vec![unique_on("build", &["version"]), index_on("build", &["version_sort"])],
        )
        .await
    }
}
