//! The vendor's published facts: stations, regions, service updates, cadences, trains. Replaced as a whole, so nothing
//! refers to these rows: an environment may name a region that the catalogue does not know (rule S5).

use crate::parts::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut table in [station(), region(), service_update(), cadence(), cadence_row(), train()] {
            create(manager, &mut table, vec![]).await?;
        }
        Ok(())
    }
}

fn station() -> TableCreateStatement {
    Table::create()
        .table("station")
        .col(small_integer("number").primary_key())
        .col(text("name"))
        .col(boolean("opt_in"))
        .take()
}

fn region() -> TableCreateStatement {
    Table::create()
        .table("region")
        .col(text("slug").primary_key())
        .col(text("name"))
        .col(text("cloud"))
        .col(small_integer_null("station"))
        .col(text_null("geography"))
        .col(small_integer_null("dark_start_minute"))
        .col(small_integer_null("dark_length_minutes"))
        .col(text_null("dark_weekend_first"))
        .col(text("time_zone"))
        .check(check("region_cloud", "cloud in ('public', 'gcc', 'dod', 'china')"))
        .check(check(
            "region_dark_hours",
            "(dark_start_minute is null) = (dark_length_minutes is null) \
                     and (dark_start_minute is null) = (dark_weekend_first is null)",
        ))
        .take()
}

fn service_update() -> TableCreateStatement {
    Table::create()
        .table("service_update")
        .col(text("number").primary_key())
        .col(text("number_sort"))
        .col(text("label"))
        .col(boolean("major"))
        .col(date("preview"))
        .col(date("general_availability"))
        .col(date("end_of_service"))
        .take()
}

fn cadence() -> TableCreateStatement {
    Table::create().table("cadence").col(text("name").primary_key()).col(small_integer("min_gap_days")).take()
}

fn cadence_row() -> TableCreateStatement {
    Table::create()
        .table("cadence_row")
        .col(text("cadence"))
        .col(small_integer("station"))
        .col(integer("sandbox_first"))
        .col(integer("sandbox_last"))
        .col(integer_null("production_first"))
        .col(integer_null("production_last"))
        .primary_key(&mut key(&["cadence", "station"]))
        .check(check("cadence_row_production", "(production_first is null) = (production_last is null)"))
        .take()
}

fn train() -> TableCreateStatement {
    Table::create()
        .table("train")
        .col(text("service_update"))
        .col(integer("number"))
        .col(text("service_update_sort"))
        .col(date("cutoff"))
        .col(date("start_date"))
        .col(date("end_date"))
        .col(text("status"))
        .col(text_null("app_build"))
        .col(text_null("platform_build"))
        .col(text("cadence"))
        .col(text("note"))
        .primary_key(&mut key(&["service_update", "number"]))
        .check(check(
            "train_status",
            "status in ('not_started', 'in_progress', 'completed', 'canceled', 'partially_canceled')",
        ))
        .take()
}
