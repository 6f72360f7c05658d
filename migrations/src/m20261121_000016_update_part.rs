//! What an update counts for in its stage, and where it stands in the order of starts. Rows from before get both when
//! the planner next looks at their estate, which is due.

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let part = text("part").default("out").check(Expr::cust("part in ('out', 'later', 'due')")).take();
        let early = boolean("early").default(false).take();
        let place = big_integer("place").default(0).take();
        // SQLite adds one column a statement.
        for column in [part, early, place] {
            manager.alter_table(Table::alter().table("environment_update").add_column(column).take()).await?;
        }
        for index in [begun_nights(), failures(), successes()] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// Announced updates in the order in which they start.
fn begun_nights() -> IndexCreateStatement {
    Index::create()
        .name("ix_environment_update_turn")
        .table("environment_update")
        .col("rollout_id")
        .col("early")
        .col("night_start_ms")
        .col("place")
        .and_where(Expr::cust("state = 'announced'"))
        .take()
}

fn failures() -> IndexCreateStatement {
    Index::create()
        .name("ix_environment_update_failed")
        .table("environment_update")
        .col("rollout_id")
        .and_where(Expr::cust("last_failed_ms is not null"))
        .take()
}

/// When the n-th success of a stage came.
fn successes() -> IndexCreateStatement {
    Index::create()
        .name("ix_environment_update_succeeded")
        .table("environment_update")
        .col("rollout_id")
        .col("station")
        .col("audience")
        .col("part")
        .col("finished_ms")
        .and_where(Expr::cust("state = 'succeeded'"))
        .take()
}
