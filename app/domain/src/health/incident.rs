//! An incident of a listening system, and what follows from it: from a severity on that the operator chose, it halts every
//! rollout of the build (rule H1).
//!
//! Seed: "If your health model detects an issue at any point, the rollout should halt immediately."
//!
//! A listening system may say the same incident twice, late, and worse than before. The worst that was said holds, so the
//! order does not matter; it halts once, when it first becomes as bad as the policy says. Who resumes has seen it.

use crate::severity::Severity;
use serde::{Deserialize, Serialize};

/// What an operator can tune.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IncidentPolicy {
    pub halts_from: Severity,
}

impl IncidentPolicy {
    /// Ours: from where work stops for some. A nuisance with a workaround is no reason to keep fixes from everybody.
    pub const DEFAULT: Self = Self { halts_from: Severity::High };

    /// `known`: the worst that was said of it before.
    pub fn raise(self, known: Option<Severity>, said: Severity) -> Raised {
        let worst = known.map_or(said, |known| known.max(said));
        let halted = known.is_some_and(|known| known >= self.halts_from);
        Raised { worst, halts: worst >= self.halts_from && !halted }
    }
}

impl Default for IncidentPolicy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What one word on an incident comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raised {
    /// The worst that was said of it.
    pub worst: Severity,
    /// It became as bad as the policy says just now.
    pub halts: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn severity() -> impl Strategy<Value = Severity> {
        prop::sample::select(Severity::ALL.to_vec())
    }

    proptest! {
        /// However often and in whatever order it is said: the same worst, and one halt at most.
        #[test]
        fn an_incident_halts_once_whatever_order_it_is_told_in(
            halts_from in severity(), said in prop::collection::vec(severity(), 1..8)
        ) {
            let policy = IncidentPolicy { halts_from };
            let (mut known, mut halts) = (None, 0);
            for severity in &said {
                let raised = policy.raise(known, *severity);
                known = Some(raised.worst);
                halts += usize::from(raised.halts);
            }
            let worst = *said.iter().max().unwrap();
            prop_assert_eq!(known, Some(worst));
            prop_assert_eq!(halts, usize::from(worst >= halts_from));
        }
    }
}
