//! What a halt affects: counted before it is set and while it holds.

use super::{HaltScope, StartTarget};
use crate::rollout::report::StageCounts;
use crate::wire::signal::UpdateStateWord;
use serde::{Deserialize, Serialize};

/// One environment of a rollout, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aboard {
    pub target: StartTarget,
    pub state: UpdateStateWord,
}

/// Environments that a halt affects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HaltEffect {
    /// They do not start until it is lifted.
    pub waiting: u32,
    /// They go on to their end and are watched.
    pub running: u32,
    /// They run the build.
    pub updated: u32,
    /// Their update failed; they run what their last attempt left.
    pub failed: u32,
    /// They were not moved by a rollout: an equal or later build was there. Some may have pulled this very build.
    pub satisfied: u32,
}

impl From<StageCounts> for HaltEffect {
    /// Of a whole stage or rollout, from counts that are kept anyway. Skipped and held ones are not affected: they did
    /// not start before either.
    fn from(counts: StageCounts) -> Self {
        Self {
            waiting: counts.planned + counts.announced,
            running: counts.running,
            updated: counts.succeeded,
            failed: counts.failed,
            satisfied: counts.satisfied,
        }
    }
}

impl HaltEffect {
    pub fn of(scope: HaltScope, aboard: impl IntoIterator<Item = Aboard>) -> Self {
        let mut counts = StageCounts::default();
        for one in aboard {
            if scope.takes(one.target) {
                counts.add(one.state);
            }
        }
        counts.into()
    }
}
