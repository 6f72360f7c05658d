//! What stands around every signed-in page.

use super::signal::When;
use crate::permission::{Permission, Role};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShellView {
    pub name: String,
    pub email: String,
    pub role: Role,
    /// The customer's name, or "Vendor" for staff.
    pub place: String,
    pub may: Vec<Permission>,
    /// `Times in Europe/Berlin, UTC+2`
    pub zone: String,
    pub unread: u64,
    /// Halts in force; none for who may not see them.
    #[serde(default)]
    pub halts: u64,
    pub demo: Option<DemoView>,
    /// What is said on every page while everything is halted, where it concerns this person.
    #[serde(default)]
    pub stop: Option<String>,
    /// Opens the live stream at the state that this page shows.
    pub live_seq: i64,
}

impl ShellView {
    pub fn may(&self, what: Permission) -> bool {
        self.may.contains(&what)
    }
}

/// How fast the demo clock runs. Always shown where it is not the real one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DemoSpeed {
    Stopped,
    RealTime,
    MinuteASecond,
    HourASecond,
    DayInTenSeconds,
}

impl DemoSpeed {
    pub const ALL: [Self; 5] =
        [Self::Stopped, Self::RealTime, Self::MinuteASecond, Self::HourASecond, Self::DayInTenSeconds];

    /// Demo seconds per real second.
    pub const fn factor(self) -> u32 {
        match self {
            Self::Stopped => 0,
            Self::RealTime => 1,
            Self::MinuteASecond => 60,
            Self::HourASecond => 3_600,
            Self::DayInTenSeconds => 24 * 3_600 / 10,
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Stopped => "Stopped",
            Self::RealTime => "Real time",
            Self::MinuteASecond => "A minute a second",
            Self::HourASecond => "An hour a second",
            Self::DayInTenSeconds => "A day in ten seconds",
        }
    }

    pub const fn key(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::RealTime => "real_time",
            Self::MinuteASecond => "minute_a_second",
            Self::HourASecond => "hour_a_second",
            Self::DayInTenSeconds => "day_in_ten_seconds",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|speed| speed.key() == key)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoView {
    pub now: When,
    pub speed: DemoSpeed,
    pub may_set: bool,
}

/// The settings page: own zone, own sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    pub time_zone: String,
    pub time_zones: Vec<String>,
    pub sessions: Vec<SessionRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    pub this_one: bool,
    pub browser: String,
    pub address: String,
    pub signed_in: When,
    pub last_seen: When,
}

/// Shown on the sign-in page under `--demo` only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoAccounts {
    pub password: String,
    /// Email and role word.
    pub accounts: Vec<(String, String)>,
}
