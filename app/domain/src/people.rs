//! Named people and the reasons they give. A name is kept beside the id: the record still says who it was when the
//! account is gone. Not here: what a person may do (see `permission`).

use crate::ids::UserId;
use crate::wire::problem::REASON_CHARS_MAX;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: UserId,
    pub name: String,
}

/// Why a reason is refused; it belongs to the field `reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonError {
    #[error("Give a reason: it is shown wherever the effect is shown.")]
    Missing,
    #[error("Keep the reason to {REASON_CHARS_MAX} characters; a longer story belongs into the incident.")]
    TooLong,
}

/// A reason as it is kept: trimmed, lines ended by `\n`, 1 to [`REASON_CHARS_MAX`] characters.
pub fn reason(text: &str) -> Result<String, ReasonError> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.is_empty() {
        Err(ReasonError::Missing)
    } else if text.chars().count() > REASON_CHARS_MAX {
        Err(ReasonError::TooLong)
    } else {
        Ok(text.to_owned())
    }
}

/// A named person did it, then, and said why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasoned {
    pub by: Person,
    pub reason: String,
    pub at: DateTime<Utc>,
}

impl Reasoned {
    pub fn new(by: Person, text: &str, at: DateTime<Utc>) -> Result<Self, ReasonError> {
        Ok(Self { by, reason: reason(text)?, at })
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use uuid::Uuid;

    pub fn person(id: u128) -> Person {
        Person { id: UserId::new(Uuid::from_u128(id)), name: format!("Person {id}") }
    }

    pub fn reasoned(id: u128, at: DateTime<Utc>) -> Reasoned {
        Reasoned::new(person(id), "because", at).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_said_and_short() {
        assert_eq!(reason("  disk\r\nfull \n"), Ok("disk\nfull".to_owned()));
        assert_eq!(reason(" \n\t"), Err(ReasonError::Missing));
        assert_eq!(reason(&"ä".repeat(REASON_CHARS_MAX)).map(|text| text.len()), Ok(2 * REASON_CHARS_MAX));
        assert_eq!(reason(&"ä".repeat(REASON_CHARS_MAX + 1)), Err(ReasonError::TooLong));
    }
}
