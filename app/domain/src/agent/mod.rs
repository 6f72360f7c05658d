//! What an environment's agent says, and how it moves an update. Agents speak over a network that loses, repeats, delays
//! and reorders: the rule is made so that the same reports lead to the same end, whatever order they come in.
//! Not here: tokens (`token`), what an agent may begin (`services::engine`), HTTP.

mod hear;
mod report;

pub use hear::{Attempt, Heard, Outcome, Standing, hear};
pub use report::{CLOCK_SKEW_MAX, Ended, Ending, FromTheFuture, Report, Runs, Said};
