//! One report, as an agent gives it.

use crate::release::BuildVersion;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How far an agent's clock may be ahead of ours. Machines that keep time at all are within a second; five minutes are
/// what Kerberos lets pass.
pub const CLOCK_SKEW_MAX: TimeDelta = TimeDelta::minutes(5);

/// What is said, of the attempt or of the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Said {
    /// The environment is being touched.
    Begun,
    /// The build runs; its health is not confirmed yet.
    Applied,
    Healthy,
    /// `running`: what runs there now, where the agent knows it.
    Failed {
        reason: String,
        detail: Option<String>,
        running: Option<BuildVersion>,
    },
    /// What runs there, whoever brought it.
    RunningVersion {
        build: BuildVersion,
    },
}

impl Said {
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Applied => "applied",
            Self::Healthy => "healthy",
            Self::Failed { .. } => "failed",
            Self::RunningVersion { .. } => "running_version",
        }
    }

    /// How the attempt ended, where this says so.
    pub const fn ending(&self) -> Option<Ending> {
        match self {
            Self::Healthy => Some(Ending::Healthy),
            Self::Failed { .. } => Some(Ending::Failed),
            Self::Begun | Self::Applied | Self::RunningVersion { .. } => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    Healthy,
    Failed,
}

/// How an attempt ended, as its agent says, and when it saw that. The later one holds; of two at one instant, the one said
/// later, and of two with one number the failure. Ordered, so that the order in which they come does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ended {
    /// By the agent's clock.
    pub at: DateTime<Utc>,
    pub sequence: u64,
    pub how: Ending,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// By the agent's clock.
    pub at: DateTime<Utc>,
    /// Counts the agent's reports; decides where two have the same instant.
    pub sequence: u64,
    /// Of the order; a running version has none.
    pub attempt: Option<u8>,
    pub said: Said,
}

/// The report is about an instant that has not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "The report is of {at}, which is more than {} minutes ahead of the server's clock ({now}). Set the agent's clock and \
     send it again.",
    CLOCK_SKEW_MAX.num_minutes()
)]
pub struct FromTheFuture {
    pub at: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

impl Report {
    /// How the attempt ended, where this says so.
    pub fn ended(&self) -> Option<Ended> {
        self.said.ending().map(|how| Ended { at: self.at, sequence: self.sequence, how })
    }

    /// However late it is, it is taken; only what has not happened yet is not.
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), FromTheFuture> {
        let ahead = self.at.signed_duration_since(now) > CLOCK_SKEW_MAX;
        if ahead { Err(FromTheFuture { at: self.at, now }) } else { Ok(()) }
    }
}

/// What an agent said to run, and when it saw that. The later one holds; of two at one instant, the one said later.
/// Ordered, so that the order in which they come does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Runs {
    pub at: DateTime<Utc>,
    pub sequence: u64,
    pub build: BuildVersion,
}
