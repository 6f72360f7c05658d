//! Why each stage and each environment waits, and when next: a closed set of named reasons. Pages, mails, feeds and
//! the API print this and nothing else. The sentences are in `words`.

use crate::calendar::{Night, StageWindow};
use crate::fleet::{StageKey, StationNumber};
use crate::health::GateReport;
use crate::ids::EnvironmentId;
use crate::release::{BuildVersion, ServiceUpdate, TrainId, Unapproved};
use crate::rollout::state::{HaltCause, StageState};
use crate::wire::signal::UpdateStateWord;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Why a stage does not open, or does not pass. Listed in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case")]
pub enum WaitingOn {
    NotStarted,
    /// Everything is halted.
    KillSwitch {
        cause: HaltCause,
    },
    Halt {
        cause: HaltCause,
    },
    /// Everybody is frozen: nothing is promoted.
    Freeze {
        why: String,
        until: Option<NaiveDate>,
    },
    /// The build may not be offered.
    Build {
        build: Unapproved,
    },
    /// A stage before this one has not passed.
    Stage {
        stage: StageKey,
    },
    /// This stage's own gate: failed, or not enough evidence.
    Gate {
        gate: GateReport,
    },
    Bake {
        until: DateTime<Utc>,
    },
    Approval {
        station: StationNumber,
    },
    Window {
        opens_at: DateTime<Utc>,
    },
    /// No sandbox that goes before this production was updated: nothing is proven.
    Unproven,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapScope {
    Rollout,
    Station,
    Region,
    Customer,
}

/// What is known of an attempt that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedAttempt {
    pub night: Night,
    pub started_at: DateTime<Utc>,
    pub failed_at: DateTime<Utc>,
    pub error: String,
}

/// Why an environment is not updated (yet), or why on that night.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum EnvironmentReason {
    // settled before its turn
    Satisfied {
        build: BuildVersion,
    },
    OtherServiceUpdate {
        on: ServiceUpdate,
    },
    Exempt {
        why: String,
        expires_at: DateTime<Utc>,
    },
    PriorityBatchOff,
    NotInShare {
        percent: u8,
    },
    NoStation {
        region: String,
    },
    NoDarkHours {
        region: String,
    },
    /// The dark hours of its region are shorter than an update may take (rule G4): no night of it ever holds one.
    NightTooShort {
        region: String,
        minutes: u16,
    },
    NoNight,
    ProductionNotUpdated {
        production: EnvironmentId,
        state: UpdateStateWord,
    },
    /// No further attempt is made: as many as the policy allows failed, or the last failed and nothing allows another.
    AttemptsUsed {
        attempts: u8,
        last: FailedAttempt,
    },
    /// The update failed in a sandbox that goes before this production (rule S3).
    SandboxFailed {
        sandbox: EnvironmentId,
    },
    /// Rule S1.
    ServiceUpdateDue {
        on: NaiveDate,
    },
    // waiting for its turn
    NotStarted,
    RolloutHalted,
    /// Its station or its customer is halted; `why` is the sentence of the halt.
    Halted {
        why: String,
    },
    /// A freeze holds its nights; `until` is the last published date that it covers in a row.
    Frozen {
        why: String,
        until: Option<NaiveDate>,
    },
    /// The build may not be offered.
    BuildNotApproved {
        build: Unapproved,
    },
    StageClosed {
        stage: StageKey,
    },
    /// The approval of its station is missing, or an edit voided it.
    ApprovalMissing {
        station: StationNumber,
    },
    /// A night is chosen so many days before it.
    NightNotChosen {
        window: StageWindow,
        ahead_days: u16,
    },
    NightAhead {
        night: Night,
    },
    WaitsForProduction {
        production: EnvironmentId,
    },
    /// Of production: an own sandbox that goes before it had a night, and was not updated in it (rule G3).
    WaitsForSandbox {
        sandbox: EnvironmentId,
    },
    GapToSandbox {
        sandbox_night: Night,
        days: u16,
    },
    Cap {
        scope: CapScope,
        limit: u32,
    },
    WindowTooShort {
        minutes: i64,
    },
    /// Its dark hours or its days are no longer those that its night was chosen by.
    HoursChanged,
    BusyElsewhere,
    /// Rule R1: it would have had that night but for another train, which has it.
    Clash {
        train: TrainId,
        night: Night,
    },
    /// Invariant I7: a version goes backwards only as an approved recovery says.
    NotNamed,
    // why that night
    StageTurn {
        window: StageWindow,
    },
    WeekendOnly,
    ChosenWeekdays,
    EarlyOptIn,
    /// Its owner takes it ahead; `replaces` is the announced night that is not needed then.
    PulledAhead {
        by: String,
        replaces: Option<Night>,
    },
    MovesWithProduction {
        production: EnvironmentId,
    },
    MovesWithSandboxes {
        production: EnvironmentId,
    },
    KeepsGapForProduction {
        production: EnvironmentId,
        days: u16,
    },
    NoticePeriod {
        days: u16,
    },
    /// An emergency path shortens the notice.
    ShortNotice {
        hours: u16,
        why: String,
    },
    /// An emergency path waits neither for the published window nor for the environment's days.
    AnyNight {
        why: String,
    },
    /// A freeze has the night of this date, which it would have; it has an earlier one.
    NightFrozen {
        date: NaiveDate,
        why: String,
    },
    /// Its night has come and it may begin; whoever applies it has not taken the order yet.
    OrderWaits {
        since: DateTime<Utc>,
    },
    RunningNow {
        since: DateTime<Utc>,
    },
}

/// Why an announced night was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum MoveReason {
    /// The night passed without a start although nothing held it (the server was away).
    NightMissed,
    StageClosed {
        stage: StageKey,
        on: Option<Box<WaitingOn>>,
    },
    RolloutHalted,
    /// Its station or its customer was halted.
    Halted {
        why: String,
    },
    Frozen {
        why: String,
        until: Option<NaiveDate>,
    },
    SandboxFailed,
    /// The region's dark hours or the environment's days were changed.
    HoursChanged,
    GapToSandbox {
        sandbox_date: NaiveDate,
        days: u16,
    },
    WaitsForProduction,
    /// An own sandbox that goes before it was not updated in its night.
    WaitsForSandbox,
    /// Rule R1: another train has that night.
    Clash {
        train: TrainId,
    },
    /// An emergency path brings it forward.
    Emergency {
        why: String,
    },
    /// The emergency path that allowed its night is over.
    EmergencyOver,
    Cap {
        scope: CapScope,
        limit: u32,
    },
    AttemptFailed {
        error: String,
    },
    /// Its owner takes it ahead of its night.
    PulledAhead {
        by: String,
    },
    /// Its owner took that back.
    PullTakenBack {
        by: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StageCounts {
    pub total: u32,
    pub planned: u32,
    pub announced: u32,
    pub running: u32,
    pub succeeded: u32,
    pub failed: u32,
    pub satisfied: u32,
    pub skipped: u32,
    pub held: u32,
}

impl StageCounts {
    pub fn add(&mut self, word: UpdateStateWord) {
        self.add_many(word, 1);
    }

    pub fn add_many(&mut self, word: UpdateStateWord, count: u32) {
        self.total += count;
        *match word {
            UpdateStateWord::Planned => &mut self.planned,
            UpdateStateWord::Announced | UpdateStateWord::Moved | UpdateStateWord::Halted => &mut self.announced,
            UpdateStateWord::InProgress | UpdateStateWord::Verifying => &mut self.running,
            UpdateStateWord::Succeeded => &mut self.succeeded,
            UpdateStateWord::AlreadySatisfied => &mut self.satisfied,
            UpdateStateWord::Skipped => &mut self.skipped,
            UpdateStateWord::Held => &mut self.held,
            UpdateStateWord::Failed => &mut self.failed,
        } += count;
    }

    /// A night is still to come, or an attempt has not ended for good.
    pub const fn unsettled(self) -> u32 {
        self.planned + self.announced + self.running + self.failed
    }

    /// Nothing more will happen by itself.
    pub const fn settled(self) -> u32 {
        self.succeeded + self.failed + self.satisfied + self.skipped + self.held
    }
}

impl std::ops::AddAssign for StageCounts {
    fn add_assign(&mut self, other: Self) {
        self.total += other.total;
        self.planned += other.planned;
        self.announced += other.announced;
        self.running += other.running;
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.satisfied += other.satisfied;
        self.skipped += other.skipped;
        self.held += other.held;
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageReport {
    pub stage: StageKey,
    pub window: StageWindow,
    pub state: StageState,
    pub counts: StageCounts,
    pub gate: GateReport,
    /// Empty where nothing is waited for.
    pub waiting: Vec<WaitingOn>,
    /// The next instant at which this can change by itself.
    pub next: Option<DateTime<Utc>>,
}

/// What a rollout's page shows. Environments carry their own reasons.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RolloutReport {
    pub stages: Vec<StageReport>,
    /// Environments without a stage, in whatever state: no station of this rollout takes their region. One that has a
    /// station but no dark hours is counted in its stage.
    pub unplaced: StageCounts,
    /// When the last night starts that is chosen or expected.
    #[serde(default)]
    pub last_night_at: Option<DateTime<Utc>>,
}

impl RolloutReport {
    pub fn stage(&self, stage: StageKey) -> Option<&StageReport> {
        self.stages.iter().find(|report| report.stage == stage)
    }

    pub fn totals(&self) -> StageCounts {
        let mut totals = self.unplaced;
        for stage in &self.stages {
            totals += stage.counts;
        }
        totals
    }
}
