//! What a customer is told, as facts; the words for each case are in `words`, apart from the channel that carries them.
//! Written in the transaction of the change it tells of, so nothing is announced that is not committed.

use crate::calendar::{Night, StageWindow};
use crate::clockface::Clockface;
use crate::fleet::EnvironmentKind;
use crate::ids::EnvironmentId;
use crate::release::{BuildVersion, TrainId};
use crate::rollout::halt::HaltScope;
use crate::rollout::report::{EnvironmentReason, MoveReason};
use crate::wire::notification::NotificationKind;
use exemption::ExemptionLetter;
use serde::{Deserialize, Serialize};
use words::Letter;

pub mod exemption;
pub mod words;

/// The environment a message is about, as it was named then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub environment: EnvironmentId,
    pub name: String,
    pub kind: EnvironmentKind,
}

/// One environment's place in a train that was scheduled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledPlace {
    pub subject: Subject,
    pub window: StageWindow,
}

/// What was halted, as far as its reader is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HaltOf {
    #[default]
    Rollout,
    /// Its rollout is over: nothing of it waits any more.
    Build,
    Station,
    /// The rollout goes on for others.
    Customer,
    Everything,
}

impl From<HaltScope> for HaltOf {
    fn from(scope: HaltScope) -> Self {
        match scope {
            HaltScope::Rollout { .. } => Self::Rollout,
            HaltScope::Build { .. } => Self::Build,
            HaltScope::Station { .. } => Self::Station,
            HaltScope::Customer { .. } => Self::Customer,
            HaltScope::Everything => Self::Everything,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum NotificationEvent {
    /// One message per customer when a rollout starts. `left_out` are skipped or held, each with its reason; the nights
    /// of the others are chosen `announce_ahead_days` before.
    Scheduled {
        places: Vec<ScheduledPlace>,
        left_out: Vec<(Subject, EnvironmentReason)>,
        announce_ahead_days: u16,
    },
    Announced {
        subject: Subject,
        night: Night,
        declared_minutes: u16,
        reasons: Vec<EnvironmentReason>,
    },
    Moved {
        subject: Subject,
        from: Night,
        to: Night,
        reason: MoveReason,
    },
    /// It was to be taken ahead in that night, and is not; the announced night stays, where there was one.
    PullEnded {
        subject: Subject,
        night: Night,
        stays: Option<Night>,
        reason: MoveReason,
    },
    /// `replaces`: its owner took it ahead, and this announced night does not take place.
    Delivered {
        subject: Subject,
        night: Night,
        minutes: i64,
        #[serde(default)]
        replaces: Option<Night>,
    },
    Failed {
        subject: Subject,
        error: String,
        attempts_left: u8,
    },
    /// Nothing more is tried, for an equal or later build is there already. Without a night after an attempt that failed.
    /// `cancelled` here and below: the announced night that does not take place (rule N1).
    Satisfied {
        subject: Subject,
        cancelled: Option<Night>,
    },
    Skipped {
        subject: Subject,
        reason: EnvironmentReason,
        cancelled: Option<Night>,
    },
    Held {
        subject: Subject,
        reason: EnvironmentReason,
        cancelled: Option<Night>,
    },
    /// `waiting` environments of this customer are kept from starting; `updated` already run the build.
    Halted {
        #[serde(default)]
        of: HaltOf,
        reason: String,
        waiting: u32,
        updated: u32,
    },
    /// `waiting`: of a build whose rollout is over, those that run it.
    Resumed {
        #[serde(default)]
        of: HaltOf,
        waiting: u32,
    },
}

impl NotificationEvent {
    pub const fn kind(&self) -> NotificationKind {
        match self {
            Self::Scheduled { .. } => NotificationKind::Scheduled,
            Self::Announced { .. } => NotificationKind::Announced,
            Self::Moved { .. } | Self::PullEnded { .. } => NotificationKind::Moved,
            Self::Delivered { .. } => NotificationKind::Delivered,
            Self::Failed { .. } => NotificationKind::Failed,
            Self::Satisfied { .. } => NotificationKind::Satisfied,
            Self::Skipped { .. } => NotificationKind::Skipped,
            Self::Held { .. } => NotificationKind::Held,
            Self::Halted { .. } => NotificationKind::Halted,
            Self::Resumed { .. } => NotificationKind::Resumed,
        }
    }

    pub const fn subject(&self) -> Option<&Subject> {
        match self {
            Self::Announced { subject, .. }
            | Self::Moved { subject, .. }
            | Self::PullEnded { subject, .. }
            | Self::Delivered { subject, .. }
            | Self::Failed { subject, .. }
            | Self::Satisfied { subject, .. }
            | Self::Skipped { subject, .. }
            | Self::Held { subject, .. } => Some(subject),
            Self::Scheduled { .. } | Self::Halted { .. } | Self::Resumed { .. } => None,
        }
    }
}

/// What is stored: the event and the train it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationPayload {
    pub train: TrainId,
    pub build: BuildVersion,
    /// The build that is taken back, where the way goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns_from: Option<BuildVersion>,
    #[serde(flatten)]
    pub event: NotificationEvent,
}

/// Any message, as it is read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Message {
    OfTrain(NotificationPayload),
    OfExemption(ExemptionLetter),
}

impl Message {
    pub fn letter(&self, clock: &dyn Clockface) -> Letter {
        match self {
            Self::OfTrain(payload) => words::letter(payload, clock),
            Self::OfExemption(letter) => letter.letter(clock),
        }
    }

    pub const fn subject(&self) -> Option<&Subject> {
        match self {
            Self::OfTrain(payload) => payload.event.subject(),
            Self::OfExemption(letter) => Some(&letter.subject),
        }
    }
}
