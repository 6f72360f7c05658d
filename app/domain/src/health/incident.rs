//! An incident against a build, and what follows from it: from a severity on that the operator chose, it halts every
//! rollout of the build (rule H1).
//!
//! Seeds: "If, during the rollout, you receive an alert about a health change, investigate the issue immediately and
//! determine the next course of action"; "If the alert is related to an end user, stop the rollout immediately". So what
//! was measured halts from a severity on, and what people suffer and report halts whatever its severity.
//!
//! The same incident may be said twice, late, and worse than before. The worst that was said holds, so the
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

    /// `known`: what was said of it before, and what that came to.
    pub fn raise(self, known: Option<KnownIncident>, said: Severity, by_people: bool) -> Raised {
        let worst = known.map_or(said, |known| known.severity.max(said));
        let is_harm = by_people || worst >= self.halts_from;
        Raised { worst, halts: is_harm && !known.is_some_and(|known| known.halted) }
    }
}

impl Default for IncidentPolicy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What is known of an incident that is said again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownIncident {
    /// The worst that was said of it.
    pub severity: Severity,
    /// It halted the build, or found it halted.
    pub halted: bool,
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
            halts_from in severity(), said in prop::collection::vec((severity(), any::<bool>()), 1..8)
        ) {
            let policy = IncidentPolicy { halts_from };
            let (mut known, mut halts) = (None, 0);
            for (severity, by_people) in &said {
                let raised = policy.raise(known, *severity, *by_people);
                halts += usize::from(raised.halts);
                known = Some(KnownIncident { severity: raised.worst, halted: halts > 0 });
            }
            let worst = said.iter().map(|(severity, _)| *severity).max().unwrap();
            let is_harm = worst >= halts_from || said.iter().any(|(_, by_people)| *by_people);
            prop_assert_eq!(known, Some(KnownIncident { severity: worst, halted: is_harm }));
            prop_assert_eq!(halts, usize::from(is_harm));
        }
    }
}
