//! From columns to values. A [`Row`] names its table and id, so that every refusal says where the impossible value is.

use crate::{Error, Result};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Display;
use std::str::FromStr;

/// Rows written by one INSERT. The widest table has 31 columns; SQLite binds at most 32,766 values a statement.
pub const ROWS_PER_INSERT: usize = 1_000;
/// Ids in one `IN (…)` list.
pub const IDS_PER_QUERY: usize = 5_000;

pub fn ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

pub fn json<T: Serialize>(value: &T) -> Result<Value> {
    Ok(serde_json::to_value(value)?)
}

/// The lower-case form in which names are ordered and searched.
pub fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// Every part padded to the ten digits of a `u32`, so that text order is version order in any collation.
pub fn sort_key(parts: &[u32]) -> String {
    parts.iter().map(|part| format!("{part:010}")).collect::<Vec<_>>().join(".")
}

#[derive(Debug, Clone)]
pub struct Row {
    table: &'static str,
    id: String,
}

impl Row {
    pub fn new(table: &'static str, id: impl Display) -> Self {
        Self { table, id: id.to_string() }
    }

    pub fn wrong(&self, what: impl Into<String>) -> Error {
        Error::Inconsistent { table: self.table, id: self.id.clone(), what: what.into() }
    }

    pub fn at(&self, ms: i64) -> Result<DateTime<Utc>> {
        DateTime::from_timestamp_millis(ms).ok_or_else(|| self.wrong(format!("{ms} is no instant")))
    }

    pub fn at_opt(&self, ms: Option<i64>) -> Result<Option<DateTime<Utc>>> {
        ms.map(|ms| self.at(ms)).transpose()
    }

    pub fn parse<T: FromStr<Err: Display>>(&self, text: &str) -> Result<T> {
        text.parse().map_err(|error: T::Err| self.wrong(error.to_string()))
    }

    pub fn parse_opt<T: FromStr<Err: Display>>(&self, text: Option<&str>) -> Result<Option<T>> {
        text.map(|text| self.parse(text)).transpose()
    }

    /// A word of a closed set.
    pub fn word<T>(&self, text: &str, from_key: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        from_key(text).ok_or_else(|| self.wrong(format!("`{text}` is no known word")))
    }

    pub fn json<T: DeserializeOwned>(&self, value: Value) -> Result<T> {
        serde_json::from_value(value).map_err(|error| self.wrong(error.to_string()))
    }

    /// A number that must fit its type.
    pub fn number<T: TryFrom<N>, N: Copy + Display>(&self, number: N) -> Result<T> {
        T::try_from(number).map_err(|_| self.wrong(format!("{number} is out of range")))
    }

    pub fn hash(&self, bytes: Vec<u8>) -> Result<[u8; 32]> {
        bytes.try_into().map_err(|_| self.wrong("a hash has 32 bytes"))
    }
}

/// One row was changed, or someone was faster.
pub fn ensure_one(rows_affected: u64, what: impl FnOnce() -> String) -> Result<()> {
    if rows_affected == 1 { Ok(()) } else { Err(Error::conflict(what())) }
}

/// As many rows were changed as were named, or one of them is not there.
pub fn ensure_all_found(rows_affected: u64, named: usize) -> Result<()> {
    if rows_affected == named as u64 { Ok(()) } else { Err(Error::NotFound) }
}

/// One row was changed, or there is none.
pub fn ensure_found(rows_affected: u64) -> Result<()> {
    if rows_affected == 1 { Ok(()) } else { Err(Error::NotFound) }
}
