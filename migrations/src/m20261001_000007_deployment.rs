//! What ran when on each environment, and the maintained counters behind the matrix of builds and stations.

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
                .table("deployment")
                .col(uuid("environment_id"))
                .col(big_integer("since_ms"))
                .col(text("service_update"))
                .col(text("build"))
                .col(text_null("platform_build"))
                .col(uuid_null("rollout_id"))
                .primary_key(&mut key(&["environment_id", "since_ms", "build"]))
                .foreign_key(&mut reference("deployment", "environment_id", "environment")),
            vec![],
        )
        .await?;
        create(
            manager,
            Table::create()
                .table("deployment_count")
                .col(text("service_update"))
                .col(text("build"))
                .col(text("build_sort"))
                .col(small_integer("station"))
                .col(text("region"))
                .col(text("kind"))
                .col(big_integer("environments"))
                .primary_key(&mut key(&["service_update", "build", "station", "region", "kind"]))
                .check(check("deployment_count_positive", "environments >= 0")),
            vec![],
        )
        .await
    }
}
