//! Which builds may be offered (invariant I8): only those whose artifact a named person approved, digest by digest, who
//! is still authorised, and that nobody withdrew since. Withdrawing stops offers at once; approving again lifts it.
//! Not here: halts of a build (H1), which stop its rollouts until somebody resumes each of them.

use crate::approval::Digest;
use crate::people::{Person, Reasoned};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A build is let into rollouts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildApproval {
    /// Of the artifact as it was then.
    pub artifact: Digest,
    /// Nobody: it was in a rollout before builds had to be approved.
    pub by: Option<Person>,
    pub at: DateTime<Utc>,
}

/// Why a build is not offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Unapproved {
    NotYet,
    /// The artifact is no longer the one that was approved.
    OtherArtifact,
    /// Who approved it may approve nothing any more.
    ApproverGone {
        name: String,
    },
    Withdrawn {
        name: String,
        reason: String,
    },
}

impl Unapproved {
    /// `None`: it may be offered. `is_authorised` says of a person whether they may approve builds now.
    pub fn of(
        artifact: &Digest,
        approval: Option<&BuildApproval>,
        withdrawn: Option<&Reasoned>,
        is_authorised: impl Fn(&Person) -> bool,
    ) -> Option<Self> {
        if let Some(withdrawal) = withdrawn {
            let Reasoned { by, reason, .. } = withdrawal;
            return Some(Self::Withdrawn { name: by.name.clone(), reason: reason.clone() });
        }
        let Some(approval) = approval else { return Some(Self::NotYet) };
        if approval.artifact != *artifact {
            return Some(Self::OtherArtifact);
        }
        let gone = approval.by.as_ref().filter(|person| !is_authorised(person));
        gone.map(|person| Self::ApproverGone { name: person.name.clone() })
    }

    pub fn sentence(&self) -> String {
        match self {
            Self::NotYet => "The build is not approved".to_owned(),
            Self::OtherArtifact => "The build's artifact is not the one that was approved".to_owned(),
            Self::ApproverGone { name } => {
                format!("The build has to be approved again: {name}, who approved it, may not approve any more")
            }
            Self::Withdrawn { name, reason } => format!("The build is withdrawn by {name}: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::samples::digest;
    use crate::people::samples::{person, reasoned};

    const AT: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn approval(of: u8, by: Option<u128>) -> BuildApproval {
        BuildApproval { artifact: digest(of), by: by.map(person), at: AT }
    }

    #[test]
    fn only_the_approved_artifact_of_an_authorised_person_is_offered() {
        let name = || "Person 2".to_owned();
        let gone = Unapproved::ApproverGone { name: name() };
        for (approval, authorised, expected) in [
            (None, true, Some(Unapproved::NotYet)),
            (Some(approval(1, Some(2))), true, None),
            (Some(approval(1, None)), false, None),
            (Some(approval(9, Some(2))), true, Some(Unapproved::OtherArtifact)),
            (Some(approval(1, Some(2))), false, Some(gone)),
        ] {
            assert_eq!(Unapproved::of(&digest(1), approval.as_ref(), None, |_| authorised), expected);
        }
    }

    #[test]
    fn a_withdrawal_goes_before_every_approval() {
        let (approval, withdrawal) = (approval(1, Some(2)), reasoned(3, AT));
        let why = Unapproved::of(&digest(1), Some(&approval), Some(&withdrawal), |_| true).unwrap();
        assert_eq!(why.sentence(), "The build is withdrawn by Person 3: because");
    }
}
