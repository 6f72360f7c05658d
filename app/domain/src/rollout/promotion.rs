//! What an approval of a promotion is given for, and which approvals count (rule A1, invariant I11). The digest is over
//! [`Subject`]: the build to the byte, when each stage takes place, and the whole policy: percentages, gates, bake, caps,
//! gap, notice. Freezes and halts are not part of it: they only ever hold back, and need nobody's approval.
//!
//! An approval is used at every start in its station, not only when the station opens: after an edit nothing new starts
//! there until somebody approves what stands there now.

use super::facts::{Approval, RolloutPolicy};
use crate::approval::{ApprovalError, Digest};
use crate::calendar::StageWindow;
use crate::fleet::StationNumber;
use crate::ids::UserId;
use crate::people::Person;
use crate::release::{BuildVersion, TrainId};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

/// Exactly what is approved. The digest is over its JSON: a field that is added later is left out of it while it has no
/// value, or an upgrade voids every approval.
#[derive(Debug, Clone, Serialize)]
pub struct Subject<'a> {
    pub train: TrainId,
    pub build: BuildVersion,
    pub artifact: &'a Digest,
    pub cadence: &'a str,
    pub start: NaiveDate,
    /// By station, sandbox before production.
    pub windows: Vec<StageWindow>,
    pub policy: &'a RolloutPolicy,
}

/// The last change of what is approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    pub by: Person,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenApproval {
    pub station: StationNumber,
    pub approval: Approval,
    /// `None`: given before digests were kept. It stands for what was there then.
    pub digest: Option<Digest>,
}

/// What stands there now, and whose word counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    pub digest: Digest,
    /// Who started it.
    pub started_by: Option<UserId>,
    pub edited: Option<Edited>,
    /// Who may approve a promotion now.
    pub authorised: Vec<UserId>,
}

impl Promotion {
    /// Why this person's approval would not be taken, or does not count.
    pub fn objection_to(&self, person: UserId) -> Option<ApprovalError> {
        let edited_by = self.edited.as_ref().map(|edit| edit.by.id);
        if [self.started_by, edited_by].contains(&Some(person)) {
            Some(ApprovalError::IsAuthor)
        } else if self.authorised.contains(&person) {
            None
        } else {
            Some(ApprovalError::NotAuthorised)
        }
    }

    /// Why an approval does not count; `ChangedMeanwhile` where an edit voided it.
    pub fn objection(&self, given: &GivenApproval) -> Option<ApprovalError> {
        let is_current = match &given.digest {
            Some(digest) => *digest == self.digest,
            None => self.edited.as_ref().is_none_or(|edit| edit.at < given.approval.at),
        };
        if is_current { self.objection_to(given.approval.by) } else { Some(ApprovalError::ChangedMeanwhile) }
    }

    /// Those that count.
    pub fn counting(&self, given: &[GivenApproval]) -> Vec<(StationNumber, Approval)> {
        let counts = given.iter().filter(|given| self.objection(given).is_none());
        counts.map(|given| (given.station, given.approval.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::samples::digest;
    use crate::people::samples::person;

    const AT: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn given(by: u128, of: Option<u8>, hour: i64) -> GivenApproval {
        let Person { id, name } = person(by);
        let approval = Approval { by: id, name, at: AT + chrono::TimeDelta::hours(hour) };
        GivenApproval { station: StationNumber(2), approval, digest: of.map(digest) }
    }

    fn promotion(edited: Option<(u128, i64)>, authorised: &[u128]) -> Promotion {
        let edited = edited.map(|(by, hour)| Edited { by: person(by), at: AT + chrono::TimeDelta::hours(hour) });
        let authorised = authorised.iter().map(|id| person(*id).id).collect();
        Promotion { digest: digest(1), started_by: Some(person(1).id), edited, authorised }
    }

    #[test]
    fn each_approval_counts_or_says_why_not() {
        let now = promotion(Some((3, 5)), &[1, 2, 3]);
        for (given, expected) in [
            (given(2, Some(1), 6), None),
            (given(2, Some(9), 6), Some(ApprovalError::ChangedMeanwhile)),
            (given(1, Some(1), 6), Some(ApprovalError::IsAuthor)),
            (given(3, Some(1), 6), Some(ApprovalError::IsAuthor)),
            (given(4, Some(1), 6), Some(ApprovalError::NotAuthorised)),
            (given(2, None, 4), Some(ApprovalError::ChangedMeanwhile)),
            (given(2, None, 6), None),
        ] {
            assert_eq!(now.objection(&given), expected, "{given:?}");
        }
        assert_eq!(now.counting(&[given(2, Some(9), 1), given(2, Some(1), 6)]).len(), 1);
    }

    #[test]
    fn who_is_disabled_counts_no_more() {
        assert_eq!(promotion(None, &[2]).objection(&given(2, Some(1), 1)), None);
        assert_eq!(promotion(None, &[5]).objection(&given(2, Some(1), 1)), Some(ApprovalError::NotAuthorised));
    }
}
