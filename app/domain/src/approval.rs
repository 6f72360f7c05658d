//! Approvals (rule A1, invariant I11): bound to the digest of exactly what was approved, given by people other than its
//! author, who are still authorised when it counts. An edit changes the digest and so voids what was given before;
//! nothing has to be deleted. Here too: which approvals of a list count, and why the others do not.
//! Not here: making digests (whoever loads a thing hashes its canonical bytes), and who is authorised (a fact given by the caller).

use crate::ids::UserId;
use crate::people::Person;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The digest of what is approved: 64 lower-case hexadecimal digits, as SHA-256 gives them. Opaque here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Digest(String);

/// The text is not a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a digest of 64 lower-case hexadecimal digits")]
pub struct DigestError;

/// 256 bits, four to a digit.
const DIGEST_DIGITS: usize = 256 / 4;

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let hex = text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if hex && text.len() == DIGEST_DIGITS { Ok(Self(text.to_owned())) } else { Err(DigestError) }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A named person approved exactly this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    pub digest: Digest,
    pub by: Person,
    pub at: DateTime<Utc>,
}

impl Approved {
    /// What it was given for is still what stands there, to the byte.
    pub fn holds_for(&self, digest: &Digest) -> bool {
        self.digest == *digest
    }
}

/// What is asked of a list of approvals. `authorised` are those who may approve such a thing now.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    pub digest: &'a Digest,
    pub author: UserId,
    pub authorised: &'a [UserId],
    /// Distinct people needed. Rule A1 needs one beside the author; the emergency path needs two.
    pub needed: u8,
}

/// Why an approval for the current digest does not count, or is not taken at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalError {
    #[error("Its author cannot approve it: a second person has to look at it.")]
    IsAuthor,
    #[error("Only people named for it may approve it.")]
    NotAuthorised,
    #[error("This person approved it already: a second one is needed.")]
    SamePerson,
    #[error("It was changed meanwhile. Read it again, then approve what stands there now.")]
    ChangedMeanwhile,
}

impl ApprovalError {
    pub const fn field(self) -> &'static str {
        match self {
            Self::IsAuthor | Self::NotAuthorised | Self::SamePerson => "approver",
            Self::ChangedMeanwhile => "digest",
        }
    }
}

/// How a list of approvals stands just now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub holds: bool,
    /// Distinct people whose approval counts, in the order given.
    pub counted: Vec<Person>,
    /// How many more people are needed.
    pub missing: u8,
    /// Given for something that was edited since.
    pub voided_by_edit: Vec<Person>,
    /// Given for what stands there, but not counted.
    pub refused: Vec<(Person, ApprovalError)>,
}

impl Terms<'_> {
    fn objection(&self, to: UserId, counted: &[Person]) -> Option<ApprovalError> {
        if to == self.author {
            Some(ApprovalError::IsAuthor)
        } else if !self.authorised.contains(&to) {
            Some(ApprovalError::NotAuthorised)
        } else if counted.iter().any(|person| person.id == to) {
            Some(ApprovalError::SamePerson)
        } else {
            None
        }
    }

    /// Which approvals count, and why the others do not.
    pub fn standing(&self, approvals: &[Approved]) -> Standing {
        let (mut counted, mut voided_by_edit, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for approved in approvals {
            if !approved.holds_for(self.digest) {
                voided_by_edit.push(approved.by.clone());
            } else if let Some(objection) = self.objection(approved.by.id, &counted) {
                refused.push((approved.by.clone(), objection));
            } else {
                counted.push(approved.by.clone());
            }
        }
        let missing = self.needed.saturating_sub(u8::try_from(counted.len()).unwrap_or(u8::MAX));
        Standing { holds: missing == 0, counted, missing, voided_by_edit, refused }
    }

    /// Takes one more approval, or says why not. `approvals` are those given so far.
    pub fn take(&self, approvals: &[Approved], new: &Approved) -> Result<Standing, ApprovalError> {
        if !new.holds_for(self.digest) {
            return Err(ApprovalError::ChangedMeanwhile);
        }
        if let Some(objection) = self.objection(new.by.id, &self.standing(approvals).counted) {
            return Err(objection);
        }
        let mut all = approvals.to_vec();
        all.push(new.clone());
        Ok(self.standing(&all))
    }
}

impl Standing {
    /// `Approved by Ada and Bo`, `Approved by Ada; one more is needed`, `Not approved; 2 are needed`
    pub fn sentence(&self) -> String {
        let given = match self.counted.as_slice() {
            [] => "Not approved".to_owned(),
            counted => format!("Approved by {}", names(counted, " and ")),
        };
        let more = if self.counted.is_empty() { "" } else { " more" };
        let missing = match self.missing {
            0 => String::new(),
            1 => format!("; one{more} is needed"),
            missing => format!("; {missing}{more} are needed"),
        };
        let voided = match self.voided_by_edit.as_slice() {
            [] => String::new(),
            voided => format!(". Voided by a later edit: {}", names(voided, ", ")),
        };
        given + &missing + &voided
    }
}

fn names(people: &[Person], between: &str) -> String {
    people.iter().map(|person| person.name.as_str()).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::people::samples::person;

    pub fn digest(of: u8) -> Digest {
        format!("{of:064x}").parse().unwrap()
    }

    pub fn approved(by: u128, of: u8, at: DateTime<Utc>) -> Approved {
        Approved { digest: digest(of), by: person(by), at }
    }
}

#[cfg(test)]
#[path = "approval_tests.rs"]
mod tests;
