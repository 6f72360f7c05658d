//! People report incidents, too: who reported one is a program or a person, and whether people suffer from it is kept. The
//! table is made anew: SQLite takes no reference off one that is there. Its columns keep their names, and what is new has what
//! was meant before: a server of the version before goes on beside this one.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const NEW: &str = "incident_new";
const KEPT: [&str; 8] = ["token_id", "name", "build", "severity", "finding", "opened_ms", "received_ms", "outcome"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(NEW)
            .col(text("by_kind").default("program"))
            .col(uuid("token_id"))
            .col(text("name"))
            .col(text("build"))
            .col(text("severity"))
            .col(boolean("by_people").default(false))
            .col(text("finding"))
            .col(big_integer("opened_ms"))
            .col(big_integer("received_ms"))
            .col(text("outcome"))
            .primary_key(&mut key(&["token_id", "name"]))
            .check(check("ck_incident_by_kind", "by_kind in ('program', 'person')"))
            .take();
        manager.create_table(table).await?;
        let rows = Query::select().from("incident").columns(KEPT).take();
        let mut copy = Query::insert().into_table(NEW).columns(KEPT).take();
        copy.select_from(rows).map_err(|error| DbErr::Custom(error.to_string()))?;
        manager.execute(copy).await?;
        manager.drop_table(Table::drop().table("incident").take()).await?;
        manager.rename_table(Table::rename().table(NEW, "incident").take()).await?;
        manager.create_index(index_on("incident", &["build"])).await?;
        manager.create_index(index_on("incident", &["received_ms", "token_id", "name"])).await
    }
}
