//! The store's suite. Every test runs on SQLite (a file; one writer, one reader, so that a query outside its
//! transaction would hang) and, where `SIGNALBOX_TEST_POSTGRES_URL` names a server, on PostgreSQL in a schema of its own.

mod approvals;
mod audit_and_outbox;
mod due;
mod estate;
mod exemptions;
mod facts;
mod finder;
mod fixtures;
mod halts;
mod harness;
mod leases_and_settings;
mod notifications;
mod people;
mod plans;
mod programs;
mod pulls;
mod races;
mod recovery;
mod rest;
mod rollouts;
mod schema;
mod sqlite_file;
mod states;
mod telemetry;
mod tenancy;
