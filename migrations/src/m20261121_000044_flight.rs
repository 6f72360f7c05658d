//! Flights: the switches that guard changes. A flight without a switch is on; a customer's switch goes before everybody's.

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
                .table("flight")
                .col(pk_uuid("id"))
                .col(text("key"))
                .col(text("title"))
                .col(text("owner"))
                .col(uuid("build_id"))
                .col(date("remove_on"))
                .col(big_integer("created_ms"))
                .col(big_integer("generation"))
                .foreign_key(&mut reference("flight", "build_id", "build")),
            vec![unique_on("flight", &["key"])],
        )
        .await?;
        create(
            manager,
            Table::create()
                .table("flight_switch")
                .col(pk_uuid("id"))
                .col(uuid("flight_id"))
                .col(text("scope"))
                .col(uuid_null("customer_id"))
                .col(text("position"))
                .col(json("why"))
                .col(big_integer("at_ms"))
                // When the executors of the fleet took note of it.
                .col(big_integer_null("told_ms"))
                .foreign_key(&mut reference("flight_switch", "flight_id", "flight"))
                .foreign_key(&mut reference("flight_switch", "customer_id", "customer"))
                .check(check("flight_switch_scope", "(scope = 'everywhere') = (customer_id is null)"))
                .check(check("flight_switch_position", "position in ('on', 'off')")),
            vec![index_on("flight_switch", &["flight_id", "id"])],
        )
        .await
    }
}
