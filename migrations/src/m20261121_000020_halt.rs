//! Halts of stations and customers. Halts of builds and rollouts are states of their own rows.

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
                .table("halt")
                .col(pk_uuid("id"))
                .col(text("scope"))
                .col(uuid_null("rollout_id"))
                .col(small_integer_null("station"))
                .col(uuid_null("customer_id"))
                .col(json("cause"))
                .col(big_integer("at_ms"))
                .col(big_integer_null("lifted_ms"))
                .col(json_null("lift"))
                .foreign_key(&mut reference("halt", "rollout_id", "rollout"))
                .foreign_key(&mut reference("halt", "customer_id", "customer"))
                .check(check(
                    "halt_scope",
                    "(scope = 'station' and rollout_id is not null and station is not null and customer_id is null) \
                     or (scope = 'customer' and customer_id is not null and station is null)",
                ))
                .check(check("halt_lift", "(lifted_ms is null) = (lift is null)")),
            vec![index_on("halt", &["lifted_ms", "id"])],
        )
        .await
    }
}
