//! Server functions: one file per noun, each function is context → one service call → view.
//!
//! They are public endpoints, wherever they are called from: permission is checked in the service, never by a hidden page.
//! Every one has an explicit `endpoint` (no hash of the checkout in its address) and at most one struct argument, whose
//! fields a form sends as `input[field]`. Reads are GET, changes are POST.

#[cfg(feature = "hydrate")]
pub mod browser;
#[cfg(feature = "ssr")]
pub mod context;
pub mod error;

pub mod calendar;
pub mod demo;
pub mod deployment;
pub mod emergency;
pub mod environment;
pub mod exemption;
pub mod flight;
pub mod freeze;
pub mod halt;
pub mod incident;
pub mod notification;
pub mod plan;
pub mod planning;
pub mod pull_ahead;
pub mod recovery;
pub mod rollout;
pub mod rollout_action;
pub mod settings;
pub mod shell;

pub use error::ApiError;
