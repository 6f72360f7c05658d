//! A train: the published schedule of one build of one service update.

use super::version::{BuildVersion, ServiceUpdate};
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// `10.0.48 PQU-7`; in a URL `10.0.48-PQU-7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrainId {
    pub service_update: ServiceUpdate,
    pub number: u16,
}

/// The text does not name a train.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a train such as 10.0.48 PQU-7")]
pub struct TrainIdError(String);

impl fmt::Display for TrainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} PQU-{}", self.service_update, self.number)
    }
}

impl FromStr for TrainId {
    type Err = TrainIdError;
    /// Takes both written forms, `10.0.48 PQU-7` and `10.0.48-PQU-7`.
    fn from_str(text: &str) -> Result<Self, TrainIdError> {
        let wrong = || TrainIdError(text.to_owned());
        let (service_update, rest) = text.trim().split_once([' ', '-']).ok_or_else(wrong)?;
        let number = rest.trim().strip_prefix("PQU-").ok_or_else(wrong)?;
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        Ok(Self {
            service_update: service_update.parse().map_err(|_| wrong())?,
            number: number.parse().map_err(|_| wrong())?,
        })
    }
}

impl Serialize for TrainId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TrainId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The word the published schedule uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrainStatus {
    NotStarted,
    InProgress,
    Completed,
    Canceled,
    PartiallyCanceled,
}

/// One line of the catalogue of trains. Builds are absent where none was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Train {
    pub id: TrainId,
    pub cutoff: NaiveDate,
    pub start: NaiveDate,
    pub end: NaiveDate,
    pub status: TrainStatus,
    pub app_build: Option<BuildVersion>,
    pub platform_build: Option<BuildVersion>,
    pub cadence: String,
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_written_forms_name_the_same_train() {
        let spoken: TrainId = "10.0.48 PQU-7".parse().unwrap();
        assert_eq!("10.0.48-PQU-7".parse(), Ok(spoken));
        assert_eq!(spoken.to_string(), "10.0.48 PQU-7");
        for text in ["10.0.48", "10.0.48 PQU-", "10.0.48 PQU-x", "10.0 PQU-7", "10.0.48 PQU-99999"] {
            assert!(text.parse::<TrainId>().is_err(), "{text}");
        }
    }
}
