//! Regions: which station visits them and when they are dark. Both may be unknown; nothing is guessed (rule S5).

use super::station::StationNumber;
use crate::calendar::DarkHours;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cloud {
    Public,
    Gcc,
    Dod,
    China,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// `north-europe`; the key everywhere.
    pub slug: String,
    pub name: String,
    pub cloud: Cloud,
    pub station: Option<StationNumber>,
    pub geography: Option<String>,
    pub dark_hours: Option<DarkHours>,
    /// IANA name, for showing times where the environment is.
    pub time_zone: String,
}
