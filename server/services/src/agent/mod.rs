//! Environments' agents: they come for their order, take it, and say how far they are; between orders they
//! look how flights stand. What they may begin is decided
//! where the engine decides it (`engine::dispatch`), how a report moves an update in `domain::agent`.
//!
//! | file | does |
//! |---|---|
//! | `order` | what an environment has to do now, or nothing |
//! | `begin` | an agent takes its order |
//! | `report` | an agent says how far it is |
//! | `flights` | which flights are off, with an order or without |
//!
//! Not here: HTTP, tokens (`token`).

mod begin;
mod flights;
mod order;
mod report;

pub use order::{AgentOrder, Poll};
pub use report::{Acknowledged, AgentReport};

use crate::{CallerContext, Error, Result};
use domain::agent::FromTheFuture;
use domain::ids::EnvironmentId;
use domain::permission::TenantScope;
use store::Connection;
use store::environment::Environment;
use thiserror::Error;

/// Why an agent's request is not done. Nothing was changed, but where it says so.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// By a rule, in its words.
    #[error("{why}. The order may not begin now; ask for it again later.")]
    NotNow { why: String },
    #[error("This order stands at attempt {current}. Ask for the order again.")]
    AnotherAttempt { current: u8 },
    #[error("This order is not open: {state}. Ask for the order again.")]
    NotOpen { state: String },
    #[error(transparent)]
    FromTheFuture(#[from] FromTheFuture),
    #[error("A report with this id was given before and said something else. Give each report its own id.")]
    OtherContent,
    #[error("This token reaches several environments. Name one in `environment`.")]
    EnvironmentMissing,
    #[error("Only `running_version` is reported without an order. Name the order and its attempt.")]
    OrderMissing,
}

/// Refusals are answers, not errors.
pub type Answer<T> = Result<std::result::Result<T, Refused>>;

/// The environment that is meant. One that the token does not reach does not exist.
async fn reached(conn: &impl Connection, ctx: &CallerContext, named: Option<EnvironmentId>) -> Answer<Environment> {
    let Some(id) = named.or_else(|| ctx.caller.reach.only()) else { return Ok(Err(Refused::EnvironmentMissing)) };
    let found = store::environment::find(conn, TenantScope::AllCustomers, id).await?;
    let found = found.filter(|environment| ctx.caller.reach.reaches(environment.id, environment.customer));
    found.map(Ok).ok_or(Error::NotFound)
}
