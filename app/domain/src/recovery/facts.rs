//! What the menu is made from. Unknown stays unknown and closes a path; nothing is guessed.

use crate::ids::{BuildId, EnvironmentId, HaltId};
use crate::release::{BuildVersion, ServiceUpdate};
use crate::severity::Severity;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildRef {
    pub id: BuildId,
    pub version: BuildVersion,
    pub service_update: ServiceUpdate,
}

/// The switch that guards a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    pub name: String,
    /// Everywhere that the build runs, as far as known.
    pub on: bool,
}

/// One change of the build. "Flighting will be used to group all changes in a proactive quality update" (seed).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeFact {
    pub id: String,
    pub title: String,
    /// `None`: nothing guards it.
    pub flight: Option<Flight>,
}

/// How a schema change behaves towards the builds before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schema {
    /// It can be applied while the service is online. That alone says nothing about the way back.
    Online,
    /// The builds before it work with it as it is.
    Compatible,
    /// It can be undone without loss.
    Reversible,
    /// It cannot be undone.
    Irreversible,
}

impl Schema {
    /// The build before it can come back (issue 3: "only where every schema change since is marked reversible or
    /// compatible").
    pub const fn lets_back(self) -> bool {
        matches!(self, Self::Compatible | Self::Reversible)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaChange {
    pub name: String,
    pub marked: Schema,
}

/// A registered build of the service update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildRecord {
    pub build: BuildRef,
    pub approved: bool,
    /// A halt of the build stands.
    pub halted: bool,
    /// The schema changes it brought on top of the build before it. `None`: not recorded.
    pub schema: Option<Vec<SchemaChange>>,
}

/// What ran before and was healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastGood {
    pub build: BuildRef,
    /// A halt of that build stands.
    pub halted: bool,
    /// Data and configuration as they were before the update to the bad build began, where that point is kept: it may change
    /// the schema long before its health is confirmed.
    pub restore_point: Option<DateTime<Utc>>,
}

/// An environment that runs the bad build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stricken {
    pub environment: EnvironmentId,
    pub last_good: Option<LastGood>,
    /// An update of it runs just now.
    pub busy: bool,
}

/// What the executors of the fleet can do, as far as that is known: deployers and agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Capabilities {
    pub set_flight: bool,
    pub roll_back: bool,
    pub redeploy: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryFacts {
    /// The halt that the recovery serves, if one stands.
    pub halt: Option<HaltId>,
    pub bad: BuildRef,
    pub severity: Severity,
    pub changes: Vec<ChangeFact>,
    /// Ids of the changes that caused it, where the investigation knows them. Empty: any may have.
    pub suspects: Vec<String>,
    /// Every registered build of the service update, in any order, with the bad one among them.
    pub builds: Vec<BuildRecord>,
    /// Those that run the bad build.
    pub stricken: Vec<Stricken>,
    /// Updates that bring it just now: the halt caught them in flight, and who is healthy at their end will run it.
    pub incoming: u32,
    pub executor: Capabilities,
    /// For how long restore points are kept; `None`: not known.
    pub restore_days: Option<u16>,
}

impl RecoveryFacts {
    /// The changes that have to go: the suspects, or all while none is known.
    pub fn guilty(&self) -> impl Iterator<Item = &ChangeFact> {
        self.changes.iter().filter(|change| self.suspects.is_empty() || self.suspects.contains(&change.id))
    }

    /// The newest build after the bad one that may go out.
    pub fn next_build(&self) -> Option<&BuildRecord> {
        self.newer().filter(|record| record.approved && !record.halted).max_by_key(|record| record.build.version)
    }

    /// Later builds of the same service update.
    pub fn newer(&self) -> impl Iterator<Item = &BuildRecord> {
        let bad = self.bad;
        self.builds.iter().filter(move |record| {
            record.build.service_update == bad.service_update && record.build.version > bad.version
        })
    }
}
