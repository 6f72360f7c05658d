//! Everything the planner may know. Loaded by the store in one read, never changed by the planner.
//!
//! A plan looks at some estates at a time: an estate is all that one customer has aboard, and no rule but the caps and
//! the gates looks beyond it. What caps and gates need of everybody else comes as counts that the store maintains.

use super::halt::{Halt, HaltScope, StageTarget, StartTarget, stops_start};
use super::planner::needs_approval;
use super::ramp::Ramp;
use super::report::{EnvironmentReason, StageCounts};
use super::state::{RolloutState, StageState, UpdateState};
use super::tally::{Part, StageTally};
use crate::calendar::{DarkHours, MaintenanceDays, Night, StageWindow};
use crate::emergency::Emergency;
use crate::fleet::{Cloud, Designation, EnvironmentKind, Exemption, StageKey, StationNumber};
use crate::freeze::{Freezes, Place};
use crate::health::{GatePolicy, ReportCounts};
use crate::ids::{BuildId, CustomerId, EnvironmentId, RolloutId, UpdateId, UserId};
use crate::pull_ahead::Booked;
use crate::release::{BuildVersion, ServiceUpdate, TrainId, Unapproved};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Rule C1: updates running at once. `rollout` counts this rollout's own, the others those of every rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutCaps {
    pub rollout: u32,
    pub station: u32,
    pub region: u32,
    pub customer: u32,
}

/// What a release manager can tune. Bound to the rollout when it is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutPolicy {
    pub gate: GatePolicy,
    pub caps: RolloutCaps,
    /// Percentage of each audience that takes part (rule C1), chosen by a stable hash.
    pub sandbox_percent: u8,
    pub production_percent: u8,
    /// Stations that have a percentage of their own.
    #[serde(default, skip_serializing_if = "Ramp::is_none")]
    pub ramp: Ramp,
    /// Rule G3, days.
    pub min_gap_days: u16,
    /// Rule N1, days before an environment's own window.
    pub notice_days: u16,
    /// Nights are chosen and announced this many days ahead. More than `notice_days`, so that a server that was away
    /// for a day still keeps the notice; less than a week, so that production is announced knowing its sandbox's night.
    pub announce_ahead_days: u16,
    /// The time one update may take; a start needs this much of the night (rule G4).
    pub declared_minutes: u16,
    /// Nights an update may use.
    pub attempts_max: u8,
}

impl RolloutPolicy {
    pub const DEFAULT: Self = Self {
        gate: GatePolicy::DEFAULT,
        // A night is six hours and an update takes about one: twenty at once move 100 environments of a region a night.
        caps: RolloutCaps { rollout: 200, station: 80, region: 20, customer: 3 },
        sandbox_percent: 100,
        production_percent: 100,
        ramp: Ramp::NONE,
        min_gap_days: 5,
        notice_days: 5,
        announce_ahead_days: 6,
        declared_minutes: 90,
        attempts_max: 2,
    };

    /// How many days ahead nights are announced: one more than the notice at least, for a night that is no further ahead
    /// than what its owner is owed would never be chosen in time.
    pub const fn ahead_days(&self) -> u16 {
        let least = self.notice_days.saturating_add(1);
        if self.announce_ahead_days > least { self.announce_ahead_days } else { least }
    }
}

/// Which way a rollout takes its environments. Anything but forward serves a recovery, which names each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RolloutKind {
    #[default]
    Forward,
    /// In place, from the build that was halted.
    Back { from: BuildVersion },
    /// The same, on new infrastructure.
    Redeploy { from: BuildVersion },
}

impl RolloutKind {
    /// The form used in the database.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Back { .. } => "back",
            Self::Redeploy { .. } => "redeploy",
        }
    }

    /// The build that is taken back.
    pub const fn from(self) -> Option<BuildVersion> {
        match self {
            Self::Forward => None,
            Self::Back { from } | Self::Redeploy { from } => Some(from),
        }
    }

    /// An environment that runs `now` needs nothing of a rollout to `target`: forward it has an equal or later build
    /// (rule G6), backward it has left the build that is taken back.
    pub fn is_satisfied(self, now: BuildVersion, target: BuildVersion) -> bool {
        self.from().map_or(now >= target, |from| now != from)
    }
}

/// A named person let the train into a station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub by: UserId,
    pub name: String,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageFacts {
    pub key: StageKey,
    pub window: StageWindow,
    pub state: StageState,
    /// When the first night of the window starts in any region that can be in the stage; `None` where there is none.
    pub first_night: Option<DateTime<Utc>>,
    pub tally: StageTally,
}

/// Where an environment is. Unknown parts stay unknown (rule S5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    pub region: String,
    pub region_name: String,
    /// Of a region that the catalogue does not know, the public one; nothing starts there anyway (rule S5).
    pub cloud: Cloud,
    pub station: Option<StationNumber>,
    pub dark_hours: Option<DarkHours>,
}

/// The production environment that a designated sandbox follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Following {
    pub production: EnvironmentId,
    pub service_update: ServiceUpdate,
    /// Of its region.
    pub station: Option<StationNumber>,
}

/// The part of an environment's update that is already decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateFacts {
    pub id: UpdateId,
    /// Bound at enrolment: a later change of designation counts from the next train on.
    pub stage: Option<StageKey>,
    /// The production that it moves with (rule G5), bound with the stage.
    pub follows: Option<EnvironmentId>,
    pub state: UpdateState,
    pub attempts: u8,
    /// When the last attempt that failed ended, whatever came after it but a late word that it is healthy.
    pub failed_at: Option<DateTime<Utc>>,
    /// The reasons and the next instant last written, so that unchanged ones are not written again.
    pub reasons: Vec<EnvironmentReason>,
    pub next: Option<DateTime<Utc>>,
    /// As last written, like the reasons.
    pub part: Part,
    pub early: bool,
    /// Its owner takes it ahead of its night.
    pub pull: Option<Booked>,
}

impl UpdateFacts {
    /// Taken ahead: booked for a night of its own choice, or running because of that. What follows a failed attempt is
    /// the push again.
    pub fn pulled(&self) -> Option<&Booked> {
        self.pull.as_ref().filter(|_| self.state.is_announced() || self.state.is_running())
    }

    /// When it failed, as long as no later attempt succeeded: moving or repeating it mends nothing yet, and a build that
    /// runs there without being healthy mends nothing either.
    pub const fn unmended_failure(&self) -> Option<DateTime<Utc>> {
        if self.state.is_delivered() { None } else { self.failed_at }
    }

    /// Why no further attempt is made, where the last one failed.
    pub fn attempts_used(&self) -> Option<EnvironmentReason> {
        let last = self.state.failed_attempt()?;
        Some(EnvironmentReason::AttemptsUsed { attempts: self.attempts, last })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentFacts {
    pub id: EnvironmentId,
    /// For the letters that a plan sends; no rule looks at it.
    pub name: String,
    pub customer: CustomerId,
    pub kind: EnvironmentKind,
    pub placement: Placement,
    pub designation: Designation,
    /// Set where the designation names a production that exists.
    pub following: Option<Following>,
    pub days: MaintenanceDays,
    pub service_update: ServiceUpdate,
    pub build: BuildVersion,
    pub exemption: Option<Exemption>,
    /// When the customer takes the next service update, where that is known (rule S1).
    pub service_update_due: Option<NaiveDate>,
    pub priority_batch: bool,
    pub elsewhere: Vec<PlannedElsewhere>,
    /// `None` until the rollout enrols it.
    pub update: Option<UpdateFacts>,
}

/// Another planned action of the same environment (rule R1): an update of another rollout that runs, announced for this
/// night or at work in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedElsewhere {
    pub train: TrainId,
    pub night: Night,
    /// Where ours is announced too: that one keeps its night, and ours moves.
    pub goes_first: bool,
}

/// An update that runs just now, of this rollout or another. It fills the caps (rule C1), and its environment takes no
/// second update meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFlight {
    pub environment: EnvironmentId,
    pub customer: CustomerId,
    pub region: String,
    /// Of the stage in which it runs.
    pub station: Option<StationNumber>,
    /// Of this rollout.
    pub own: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutFacts {
    pub rollout: RolloutId,
    pub generation: i64,
    pub state: RolloutState,
    pub train: TrainId,
    pub build: BuildVersion,
    pub build_id: BuildId,
    pub start: NaiveDate,
    /// Set where the build itself was halted (rule H1).
    pub build_halted: Option<String>,
    /// Why the build is not offered (invariant I8); `None` where it may be.
    pub unapproved: Option<Unapproved>,
    pub policy: RolloutPolicy,
    pub kind: RolloutKind,
    /// The emergency path of this rollout that came into force last. The clock decides whether it still is.
    pub emergency: Option<Emergency>,
    /// Halts that stand of its stations, of customers and of everything; of everything also the last that was lifted.
    pub halts: Vec<Halt>,
    pub freezes: Freezes,
    /// Ordered by station, sandbox before production.
    pub stages: Vec<StageFacts>,
    /// Those that count: bound to what stands there now, by people who may approve it now (see `promotion`).
    pub approvals: Vec<(StationNumber, Approval)>,
    /// Whole estates: environments on the train's service update, and the ones enrolled earlier. Every estate of which
    /// an environment may start now is among them, as far as caps leave room.
    pub environments: Vec<EnvironmentFacts>,
    /// Other estates are due too: the counts of the stages are not final at this instant.
    pub pending: bool,
    /// Of enrolled environments without a stage.
    pub unplaced: StageCounts,
    /// Of all stages together, since the last resume.
    pub reports: ReportCounts,
    /// When the last night starts that is chosen or expected, as far as it is written.
    pub last_night: Option<DateTime<Utc>>,
    pub in_flight: Vec<InFlight>,
}

impl EnvironmentFacts {
    /// Where it is, as far as freezes care.
    pub fn place(&self) -> Place<'_> {
        let Placement { cloud, region, .. } = &self.placement;
        Place { cloud: *cloud, region, customer: self.customer, environment: self.id }
    }
}

impl RolloutFacts {
    pub const fn target(&self, station: StationNumber) -> StageTarget {
        StageTarget { build: self.build_id, rollout: self.rollout, station }
    }

    /// The first station is opened by the start itself, every other by an approval that counts.
    pub fn is_let_into(&self, station: StationNumber) -> bool {
        !needs_approval(station) || self.approvals.iter().any(|(approved, _)| *approved == station)
    }

    /// The halt that keeps this customer's environments in a station from starting.
    pub fn halt_of(&self, station: StationNumber, customer: CustomerId) -> Option<&Halt> {
        let target = StartTarget { stage: self.target(station), customer };
        stops_start(&self.halts, target).first().copied()
    }

    /// The kill switch, where it is thrown.
    pub fn kill_switch(&self) -> Option<&Halt> {
        self.halts.iter().find(|halt| halt.stands() && halt.scope == HaltScope::Everything)
    }

    /// The last stop of everything that was lifted.
    pub fn last_stop(&self) -> Option<(&Halt, DateTime<Utc>)> {
        let lifted = |halt: &Halt| halt.lifted.as_ref().map(|lift| lift.at);
        let stops = self.halts.iter().filter(|halt| halt.scope == HaltScope::Everything);
        stops.filter_map(|halt| Some((halt, lifted(halt)?))).max_by_key(|(_, at)| *at)
    }

    /// Whether a person resumed after this instant, knowing what had happened until then.
    pub fn is_acknowledged(&self, at: DateTime<Utc>) -> bool {
        self.state.resumed_at().is_some_and(|resumed| at <= resumed)
    }
}
