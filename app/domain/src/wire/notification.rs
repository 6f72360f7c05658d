//! Messages to a customer about their environments.

use super::signal::{Aspect, When};
use crate::ids::{EnvironmentId, NotificationId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A train was scheduled for the customer's environments.
    Scheduled,
    Announced,
    Moved,
    Delivered,
    Failed,
    /// An announced night is not needed any more.
    Satisfied,
    Skipped,
    Held,
    Halted,
    Resumed,
}

impl NotificationKind {
    pub const ALL: [Self; 10] = [
        Self::Scheduled,
        Self::Announced,
        Self::Moved,
        Self::Delivered,
        Self::Failed,
        Self::Satisfied,
        Self::Skipped,
        Self::Held,
        Self::Halted,
        Self::Resumed,
    ];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Announced => "announced",
            Self::Moved => "moved",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Satisfied => "satisfied",
            Self::Skipped => "skipped",
            Self::Held => "held",
            Self::Halted => "halted",
            Self::Resumed => "resumed",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    pub const fn aspect(self) -> Aspect {
        match self {
            Self::Delivered | Self::Satisfied | Self::Resumed => Aspect::Clear,
            Self::Moved | Self::Announced | Self::Scheduled => Aspect::Caution,
            Self::Failed | Self::Halted => Aspect::Stop,
            Self::Skipped | Self::Held => Aspect::Unlit,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationFilter {
    #[default]
    All,
    Upcoming,
    Moved,
    Delivered,
    Problems,
}

impl NotificationFilter {
    pub const ALL: [Self; 5] = [Self::All, Self::Upcoming, Self::Moved, Self::Delivered, Self::Problems];

    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Upcoming => "Upcoming",
            Self::Moved => "Moved",
            Self::Delivered => "Delivered",
            Self::Problems => "Problems",
        }
    }

    pub const fn key(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Upcoming => "upcoming",
            Self::Moved => "moved",
            Self::Delivered => "delivered",
            Self::Problems => "problems",
        }
    }

    /// An unknown filter shows all: a link must not break because a word was dropped.
    pub fn from_key(key: &str) -> Self {
        Self::ALL.into_iter().find(|filter| filter.key() == key).unwrap_or_default()
    }

    pub const fn holds(self, kind: NotificationKind) -> bool {
        use NotificationKind as K;
        match self {
            Self::All => true,
            Self::Upcoming => matches!(kind, K::Scheduled | K::Announced),
            Self::Moved => matches!(kind, K::Moved),
            Self::Delivered => matches!(kind, K::Delivered | K::Satisfied),
            Self::Problems => matches!(kind, K::Failed | K::Skipped | K::Held | K::Halted | K::Resumed),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NotificationsParams {
    pub filter: String,
    /// The id of the last row of the page before.
    pub after: Option<NotificationId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRow {
    pub id: NotificationId,
    pub kind: NotificationKind,
    pub title: String,
    pub summary: String,
    pub at: When,
    pub unread: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationsView {
    pub filter: NotificationFilter,
    pub rows: Vec<NotificationRow>,
    pub unread: u64,
    pub next: Option<NotificationId>,
}

/// One message, whole: what happened, what it means, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationView {
    pub id: NotificationId,
    pub kind: NotificationKind,
    pub title: String,
    pub at: When,
    pub what: String,
    pub meaning: String,
    pub action: String,
    pub environment: Option<(EnvironmentId, String)>,
    /// Label and value: train, build, night, old night, region.
    pub facts: Vec<(String, String)>,
}
