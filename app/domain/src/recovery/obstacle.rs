//! Why a path is closed, or closed for one environment. All that fail are listed, not only the first: who recovers has
//! to see what could be changed.

use super::facts::{LastGood, RecoveryFacts, Schema, Stricken};
use super::{Direction, RecoveryPath};
use crate::release::{BuildVersion, ServiceUpdate};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "obstacle", rename_all = "snake_case")]
pub enum Obstacle {
    // of the whole path
    NotHalted,
    NobodyRunsIt,
    /// Updates to it still run: whom they reach after the way was chosen would be left behind.
    StillComing {
        updates: u32,
    },
    ExecutorCannotSetFlights,
    ExecutorCannotRollBack,
    ExecutorCannotRedeploy,
    /// The build says of none of its changes what they are.
    ChangesUnknown,
    /// A suspect is no change of this build.
    UnknownSuspect {
        change: String,
    },
    ChangeWithoutFlight {
        change: String,
    },
    FlightsAlreadyOff,
    NoNewerBuild,
    NewerBuildNotApproved {
        build: BuildVersion,
    },
    NewerBuildHalted {
        build: BuildVersion,
    },
    // of one environment
    UpdateRunning,
    NoLastGoodBuild,
    LastGoodBuildHalted {
        build: BuildVersion,
    },
    /// Its approval is missing, was withdrawn, or counts no more: it would wait for it for ever.
    LastGoodBuildNotApproved {
        build: BuildVersion,
    },
    /// Rule G6: never another service update.
    OtherServiceUpdate {
        last_good: ServiceUpdate,
    },
    /// What ran before is not an earlier build.
    NotEarlier {
        build: BuildVersion,
    },
    SchemaUnknown {
        build: BuildVersion,
    },
    SchemaStandsAgainst {
        build: BuildVersion,
        change: String,
        marked: Schema,
    },
    /// The schema stands against the way back, and no data from before were kept.
    NoRestorePoint,
    /// The same, and nobody knows whether they were kept.
    RestorePointsUnknown,
}

impl RecoveryFacts {
    /// What closes the whole path.
    pub(super) fn obstacles(&self, path: RecoveryPath) -> Vec<Obstacle> {
        let mut found = Vec::new();
        let mut note = |stands: bool, obstacle: Obstacle| {
            if stands {
                found.push(obstacle);
            }
        };
        note(self.halt.is_none(), Obstacle::NotHalted);
        // A newer build may go out although nobody runs the bad one: those who waited take it.
        note(path != RecoveryPath::RollForward && self.stricken.is_empty(), Obstacle::NobodyRunsIt);
        let is_named = path.direction() == Direction::Backward;
        note(is_named && self.incoming > 0, Obstacle::StillComing { updates: self.incoming });
        match path {
            RecoveryPath::FallBackByFlight => {
                note(!self.executor.set_flight, Obstacle::ExecutorCannotSetFlights);
                found.extend(self.flight_obstacles());
            }
            RecoveryPath::RollForward => found.extend(self.newer_obstacles()),
            RecoveryPath::RollBack => note(!self.executor.roll_back, Obstacle::ExecutorCannotRollBack),
            RecoveryPath::RedeployLastKnownGood => note(!self.executor.redeploy, Obstacle::ExecutorCannotRedeploy),
        }
        found
    }

    fn flight_obstacles(&self) -> Vec<Obstacle> {
        if self.changes.is_empty() {
            return vec![Obstacle::ChangesUnknown];
        }
        let unknown = self.suspects.iter().filter(|id| self.changes.iter().all(|change| change.id != **id));
        let mut found: Vec<Obstacle> = unknown.map(|id| Obstacle::UnknownSuspect { change: id.clone() }).collect();
        let bare = self.guilty().filter(|change| change.flight.is_none());
        found.extend(bare.map(|change| Obstacle::ChangeWithoutFlight { change: change.id.clone() }));
        let mut flights = self.guilty().filter_map(|change| change.flight.as_ref()).peekable();
        if flights.peek().is_some() && flights.all(|flight| !flight.on) {
            found.push(Obstacle::FlightsAlreadyOff);
        }
        found
    }

    fn newer_obstacles(&self) -> Vec<Obstacle> {
        if self.next_build().is_some() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for record in self.newer() {
            let build = record.build.version;
            if !record.approved {
                found.push(Obstacle::NewerBuildNotApproved { build });
            }
            if record.halted {
                found.push(Obstacle::NewerBuildHalted { build });
            }
        }
        if found.is_empty() {
            found.push(Obstacle::NoNewerBuild);
        }
        found
    }

    /// What closes the path for one environment that runs the bad build.
    pub(super) fn obstacles_of(&self, path: RecoveryPath, one: &Stricken) -> Vec<Obstacle> {
        match path {
            RecoveryPath::FallBackByFlight | RecoveryPath::RollForward => Vec::new(),
            RecoveryPath::RollBack | RecoveryPath::RedeployLastKnownGood => {
                let mut found = Vec::new();
                if one.busy {
                    found.push(Obstacle::UpdateRunning);
                }
                let Some(last) = one.last_good else {
                    found.push(Obstacle::NoLastGoodBuild);
                    return found;
                };
                found.extend(self.target_obstacles(last));
                let schema = self.schema_obstacles(last.build.version);
                // New infrastructure can start from the data of before; in place there is only the schema of now.
                if path == RecoveryPath::RollBack {
                    found.extend(schema);
                } else if !schema.is_empty() && last.restore_point.is_none() {
                    found.extend(schema);
                    found.push(match self.restore_days {
                        Some(_) => Obstacle::NoRestorePoint,
                        None => Obstacle::RestorePointsUnknown,
                    });
                }
                found
            }
        }
    }

    fn target_obstacles(&self, last: LastGood) -> Vec<Obstacle> {
        let build = last.build.version;
        let mut found = Vec::new();
        if last.halted {
            found.push(Obstacle::LastGoodBuildHalted { build });
        }
        if self.builds.iter().any(|record| record.build.id == last.build.id && !record.approved) {
            found.push(Obstacle::LastGoodBuildNotApproved { build });
        }
        if last.build.service_update != self.bad.service_update {
            found.push(Obstacle::OtherServiceUpdate { last_good: last.build.service_update });
        } else if build >= self.bad.version {
            found.push(Obstacle::NotEarlier { build });
        }
        found
    }

    /// The restore point that a redeployment has to start from, where the schema of now cannot stay.
    pub(super) fn restores(&self, path: RecoveryPath, one: &Stricken) -> Option<DateTime<Utc>> {
        let last = one.last_good.filter(|_| path == RecoveryPath::RedeployLastKnownGood)?;
        last.restore_point.filter(|_| !self.schema_obstacles(last.build.version).is_empty())
    }

    /// Whatever stands in the schema between `target`, exclusive, and the bad build, inclusive. What is not recorded
    /// stands against it: silence is no mark.
    fn schema_obstacles(&self, target: BuildVersion) -> Vec<Obstacle> {
        let bad = self.bad.version;
        let mut found = Vec::new();
        if self.builds.iter().all(|record| record.build.version != bad) {
            found.push(Obstacle::SchemaUnknown { build: bad });
        }
        let since = self.builds.iter().filter(|record| {
            let version = record.build.version;
            record.build.service_update == self.bad.service_update && target < version && version <= bad
        });
        for record in since {
            let build = record.build.version;
            let Some(changes) = &record.schema else {
                found.push(Obstacle::SchemaUnknown { build });
                continue;
            };
            let against = changes.iter().filter(|change| !change.marked.lets_back());
            found.extend(against.map(|change| Obstacle::SchemaStandsAgainst {
                build,
                change: change.name.clone(),
                marked: change.marked,
            }));
        }
        found
    }
}
