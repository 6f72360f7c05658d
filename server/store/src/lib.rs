//! The only crate besides `migrations` that names SeaORM: rows in, domain values out.
//!
//! Every query takes a [`Connection`], so that a service puts a change, its audit event and its outbox rows into one
//! [`Tx`]. Customer-facing queries take a `TenantScope` and start from a scoped finder: another customer's row does not
//! exist. Rows become domain states by exhaustive match; an impossible row is [`Error::Inconsistent`], never a default.
//! Not here: rules (`domain`), authorisation and composition (`services`), the clock.
//!
//! | module | table |
//! |---|---|
//! | [`catalogue`] | station, region, `service_update`, cadence, train |
//! | [`build`], [`customer`], [`environment`], [`deployment`] | what exists and what runs where |
//! | [`rollout`], [`update`], [`estate`] | a train in execution, each environment's move in it, and whom to look at when |
//! | [`notification`], [`mailing`], [`user`], [`throttle`], [`session`] | people |
//! | [`token`], [`agent`] | programs: what they ask with, and what they said |
//! | [`exemption`] | who is left out, why and until when |
//! | [`plan_version`] | plans as they were worked out, to be compared |
//! | [`incident`], [`telemetry`] | what listening systems said of builds, and of environments hour by hour |
//! | [`halt`], [`freeze`] | what keeps stations, customers or everybody from starting |
//! | [`emergency`] | what lets a rollout go faster for a while |
//! | [`recovery`], [`flight`] | ways out of a halt, and the switches that guard changes |
//! | [`audit`], [`outbox`] | written beside every change |
//! | [`lease`], [`setting`] | who does what once, and single values |
//! | [`census`] | everything as it stands, for whoever checks it |
//! | [`planted`] | mistakes for the simulator to find; none but under its feature |

pub mod agent;
pub mod audit;
pub mod build;
pub mod catalogue;
pub mod census;
pub mod customer;
mod db;
pub mod deployment;
mod dialect;
pub mod digest;
pub mod emergency;
mod entity;
pub mod environment;
mod error;
pub mod estate;
pub mod exemption;
pub mod flight;
pub mod freeze;
pub mod halt;
pub mod incident;
mod interrupt;
mod keys;
pub mod lease;
pub mod mailing;
pub mod notification;
pub mod outbox;
mod page;
pub mod plan_version;
#[cfg_attr(not(feature = "planted"), path = "planted/none.rs")]
pub mod planted;
pub mod recovery;
pub mod rollout;
mod row;
pub mod session;
pub mod setting;
mod sqlite;
pub mod telemetry;
#[cfg(test)]
mod tests;
pub mod throttle;
pub mod token;
pub mod update;
pub mod user;

pub use db::{Db, OpenOptions, Reader, Snapshot, Tx, sqlite_path};
pub use error::{Error, Result};
pub use interrupt::{Fault, Interrupt, Point};
pub use page::Paged;
/// What a query runs on: a reader, a snapshot or a transaction.
pub use sea_orm::ConnectionTrait as Connection;
