//! The closed sets of words, shapes and colour roles that every surface uses: page, mail, feed, CSV, API.

use serde::{Deserialize, Serialize};

/// Signal aspects, told apart by shape, word and colour. Unlit is never drawn as clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    Clear,
    Caution,
    Stop,
    Unlit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColourRole {
    Clear,
    Caution,
    Stop,
    Quiet,
    Live,
}

/// What is happening to one environment in one rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateStateWord {
    Planned,
    Announced,
    InProgress,
    Verifying,
    Succeeded,
    AlreadySatisfied,
    Skipped,
    Held,
    Moved,
    Failed,
    Halted,
}

impl UpdateStateWord {
    pub const ALL: [Self; 11] = [
        Self::Planned,
        Self::Announced,
        Self::InProgress,
        Self::Verifying,
        Self::Succeeded,
        Self::AlreadySatisfied,
        Self::Skipped,
        Self::Held,
        Self::Moved,
        Self::Failed,
        Self::Halted,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "Planned",
            Self::Announced => "Announced",
            Self::InProgress => "In progress",
            Self::Verifying => "Verifying",
            Self::Succeeded => "Succeeded",
            Self::AlreadySatisfied => "Already satisfied",
            Self::Skipped => "Skipped",
            Self::Held => "Held",
            Self::Moved => "Moved",
            Self::Failed => "Failed",
            Self::Halted => "Halted",
        }
    }

    /// The form used in URLs, CSV and the API.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Announced => "announced",
            Self::InProgress => "in_progress",
            Self::Verifying => "verifying",
            Self::Succeeded => "succeeded",
            Self::AlreadySatisfied => "already_satisfied",
            Self::Skipped => "skipped",
            Self::Held => "held",
            Self::Moved => "moved",
            Self::Failed => "failed",
            Self::Halted => "halted",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.key() == key)
    }

    pub const fn aspect(self) -> Aspect {
        match self {
            Self::Succeeded | Self::AlreadySatisfied => Aspect::Clear,
            Self::InProgress | Self::Verifying | Self::Moved | Self::Announced => Aspect::Caution,
            Self::Failed | Self::Halted => Aspect::Stop,
            Self::Planned | Self::Skipped | Self::Held => Aspect::Unlit,
        }
    }

    pub const fn role(self) -> ColourRole {
        match self {
            Self::Succeeded | Self::AlreadySatisfied => ColourRole::Clear,
            Self::Held | Self::Moved => ColourRole::Caution,
            Self::Failed | Self::Halted => ColourRole::Stop,
            Self::InProgress | Self::Verifying | Self::Announced => ColourRole::Live,
            Self::Planned | Self::Skipped => ColourRole::Quiet,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    Passed,
    Running,
    Waiting,
    Halted,
}

/// One station on the railway line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineNode {
    pub station: u8,
    pub title: String,
    pub lines: Vec<String>,
    pub state: LineState,
    pub word: String,
    pub aspect: Aspect,
    pub is_yours: bool,
}

/// An instant for people: `text` in the viewer's zone with the zone named, `utc` for `<time datetime>`,
/// `hint` the environment's zone and UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    pub text: String,
    pub utc: String,
    pub hint: String,
}
