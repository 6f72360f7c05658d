//! The schema of Signalbox, one change a file, the same code for SQLite and PostgreSQL. `README.md` says how to add one.
//! Not here: reading or writing data (`store`), and choosing when to migrate (`store::Db::migrate`).

#![expect(
    elided_lifetimes_in_paths,
    reason = "`MigrationTrait::up` is declared so; a written lifetime does not match it"
)]

mod m20261001_000001_catalogue;
mod m20261001_000002_build;
mod m20261001_000003_customer;
mod m20261001_000004_environment;
mod m20261001_000005_rollout;
mod m20261001_000006_environment_update;
mod m20261001_000007_deployment;
mod m20261001_000008_user_account;
mod m20261001_000009_session;
mod m20261001_000010_notification;
mod m20261001_000011_audit_event;
mod m20261001_000012_outbox;
mod m20261001_000013_lease;
mod m20261001_000014_setting;
mod m20261121_000015_estate;
mod m20261121_000016_update_part;
mod m20261121_000017_update_count;
mod m20261121_000018_mailing;
mod m20261121_000019_stage_resumed;
mod m20261121_000020_halt;
mod m20261121_000021_freeze;
mod m20261121_000022_service_update_due;
mod m20261121_000023_halt_everything;
mod m20261121_000024_resumed_before;
mod m20261121_000026_api_token;
mod m20261121_000027_agent;
mod m20261121_000028_agent_report;
mod m20261121_000029_incident;
mod m20261121_000030_telemetry_hour;
mod m20261121_000031_stage_telemetry;
mod m20261121_000032_bound_approvals;
mod m20261121_000033_approved_build;
mod m20261121_000034_plan_version;
mod m20261121_000036_pull;
mod m20261121_000037_exemption;
mod m20261121_000040_emergency;
mod m20261121_000041_rollout_kind;
mod m20261121_000042_recovery;
mod m20261121_000043_build_content;
mod m20261121_000044_flight;
mod m20261122_000046_estate_due;
mod m20261122_000047_rollout_rest;
mod m20261122_000048_rollout_rest_running;
mod m20261123_000049_incident_reporter;
mod parts;

use sea_orm_migration::prelude::*;

pub use sea_orm_migration::MigratorTrait;

/// Every change, oldest first. The order of this list is the order of their names; a released change never moves.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261001_000001_catalogue::Migration),
            Box::new(m20261001_000002_build::Migration),
            Box::new(m20261001_000003_customer::Migration),
            Box::new(m20261001_000004_environment::Migration),
            Box::new(m20261001_000005_rollout::Migration),
            Box::new(m20261001_000006_environment_update::Migration),
            Box::new(m20261001_000007_deployment::Migration),
            Box::new(m20261001_000008_user_account::Migration),
            Box::new(m20261001_000009_session::Migration),
            Box::new(m20261001_000010_notification::Migration),
            Box::new(m20261001_000011_audit_event::Migration),
            Box::new(m20261001_000012_outbox::Migration),
            Box::new(m20261001_000013_lease::Migration),
            Box::new(m20261001_000014_setting::Migration),
            Box::new(m20261121_000015_estate::Migration),
            Box::new(m20261121_000016_update_part::Migration),
            Box::new(m20261121_000017_update_count::Migration),
            Box::new(m20261121_000018_mailing::Migration),
            Box::new(m20261121_000019_stage_resumed::Migration),
            Box::new(m20261121_000020_halt::Migration),
            Box::new(m20261121_000021_freeze::Migration),
            Box::new(m20261121_000022_service_update_due::Migration),
            Box::new(m20261121_000023_halt_everything::Migration),
            Box::new(m20261121_000024_resumed_before::Migration),
            Box::new(m20261121_000026_api_token::Migration),
            Box::new(m20261121_000027_agent::Migration),
            Box::new(m20261121_000028_agent_report::Migration),
            Box::new(m20261121_000029_incident::Migration),
            Box::new(m20261121_000030_telemetry_hour::Migration),
            Box::new(m20261121_000031_stage_telemetry::Migration),
            Box::new(m20261121_000032_bound_approvals::Migration),
            Box::new(m20261121_000033_approved_build::Migration),
            Box::new(m20261121_000034_plan_version::Migration),
            Box::new(m20261121_000036_pull::Migration),
            Box::new(m20261121_000037_exemption::Migration),
            Box::new(m20261121_000040_emergency::Migration),
            Box::new(m20261121_000041_rollout_kind::Migration),
            Box::new(m20261121_000042_recovery::Migration),
            Box::new(m20261121_000043_build_content::Migration),
            Box::new(m20261121_000044_flight::Migration),
            Box::new(m20261122_000046_estate_due::Migration),
            Box::new(m20261122_000047_rollout_rest::Migration),
            Box::new(m20261122_000048_rollout_rest_running::Migration),
            Box::new(m20261123_000049_incident_reporter::Migration),
        ]
    }
}
