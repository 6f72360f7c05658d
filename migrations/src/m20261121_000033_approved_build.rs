//! The digest of a build's artifact, who approved it, and who withdrew it. What is in a rollout already goes on: nobody
//! could approve it until now.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let added = [
            text_null("artifact"),
            big_integer_null("approved_ms"),
            json_null("approved_by"),
            text_null("approved_artifact"),
            json_null("withdrawn"),
        ];
        for column in added {
            manager.alter_table(Table::alter().table("build").add_column(column).take()).await?;
        }
        let under_way = "update build set approved_ms = registered_at_ms \
                         where id in (select build_id from rollout where state <> 'draft')";
        manager.get_connection().execute_unprepared(under_way).await?;
        Ok(())
    }
}
