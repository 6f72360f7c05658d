//! Halts with a scope of their own: a build, a station of a rollout, one customer (rule H2), everything (the kill switch).
//! Each is one transaction that bumps the rollouts concerned, so that no plan made before it is applied after it (I5), and
//! each is lifted by itself, by a named person with a reason.
//!
//! Not here: the halt of one rollout, which is its state (`rollout::halt`), what a halt stops (`domain::rollout::halt`).

mod build;
mod lift;
mod list;
mod place;
pub(crate) mod standstill;
mod target;

use crate::rollout::halt::overtake;
use crate::{Error, Result};
use domain::rollout::halt::HaltScope;
use store::Connection;
use store::rollout::{Rollout, RolloutFilter};

/// Bumps every rollout that the scope concerns and that is not over. One that is not started yet is among them: whoever
/// starts it just now has not seen the halt.
async fn concerned(tx: &impl Connection, scope: HaltScope) -> Result<Vec<Rollout>> {
    let ids = match scope {
        HaltScope::Rollout { rollout }
        | HaltScope::Station { rollout, .. }
        | HaltScope::Customer { rollout: Some(rollout), .. } => vec![rollout],
        HaltScope::Everything | HaltScope::Customer { rollout: None, .. } => {
            store::rollout::ids(tx, &not_over()).await?
        }
        HaltScope::Build { build } => {
            store::rollout::ids(tx, &RolloutFilter { build: Some(build), ..not_over() }).await?
        }
    };
    let named =
        !matches!(scope, HaltScope::Everything | HaltScope::Build { .. } | HaltScope::Customer { rollout: None, .. });
    let rollouts = overtake(tx, ids, None).await?;
    if named && rollouts.is_empty() { Err(Error::NotFound) } else { Ok(rollouts) }
}

pub(crate) fn not_over() -> RolloutFilter {
    RolloutFilter { states: vec!["draft", "running", "halted"], ..RolloutFilter::default() }
}
