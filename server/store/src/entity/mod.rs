//! One file per table, columns only. Rules, states and queries are in the modules of the aggregates.
//! Joins are written where they are used, so the tables know nothing of each other.

pub mod approval;
pub mod audit_event;
pub mod build;
pub mod cadence;
pub mod cadence_row;
pub mod customer;
pub mod deployment;
pub mod deployment_count;
pub mod environment;
pub mod environment_update;
pub mod estate;
pub mod freeze;
pub mod halt;
pub mod lease;
pub mod mailing;
pub mod notification;
pub mod notification_read;
pub mod outbox;
pub mod region;
pub mod rollout;
pub mod service_update;
pub mod session;
pub mod setting;
pub mod sign_in_throttle;
pub mod stage;
pub mod station;
pub mod train;
pub mod update_count;
pub mod user_account;
