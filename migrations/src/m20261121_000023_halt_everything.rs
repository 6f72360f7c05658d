//! The kill switch: a halt of everything. A CHECK cannot be changed in SQLite, so the table is made anew; there are few
//! halts.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: &str = "id, scope, rollout_id, station, customer_id, cause, at_ms, lifted_ms, lift";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let conn = manager.get_connection();
        conn.execute_unprepared(&format!("create table halt_before as select {COLUMNS} from halt")).await?;
        manager.drop_table(Table::drop().table("halt").take()).await?;
        create(manager, &mut table(), vec![index_on("halt", &["lifted_ms", "id"])]).await?;
        conn.execute_unprepared(&format!("insert into halt ({COLUMNS}) select {COLUMNS} from halt_before")).await?;
        manager.drop_table(Table::drop().table("halt_before").take()).await
    }
}

fn table() -> TableCreateStatement {
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
             or (scope = 'customer' and customer_id is not null and station is null) \
             or (scope = 'everything' and rollout_id is null and station is null and customer_id is null)",
        ))
        .check(check("halt_lift", "(lifted_ms is null) = (lift is null)"))
        .take()
}
