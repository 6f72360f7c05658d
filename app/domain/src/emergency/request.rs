//! What is asked for, and within which bounds. "Make sure that you define who can approve SDP acceleration in an
//! emergency and the criteria that must be met" (seed).

use super::{EmergencyPath, EmergencyState, Pace};
use crate::freeze::{FreezeState, Freezes};
use crate::ids::{BuildId, EmergencyId, FreezeId, RolloutId, UserId};
use crate::people::{ReasonError, Reasoned, reason};
use crate::severity::Severity;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One of these has to be met; the reason says how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// "a security breach or vulnerability exposure" (seed)
    Security,
    DataLoss,
    Outage,
    /// A law or an authority sets the date.
    Regulatory,
}

impl Criterion {
    pub const ALL: [Self; 4] = [Self::Security, Self::DataLoss, Self::Outage, Self::Regulatory];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Security => "Security breach or vulnerability",
            Self::DataLoss => "Data loss",
            Self::Outage => "Outage",
            Self::Regulatory => "Legal or regulatory date",
        }
    }

    /// The form used in the database, in forms and in the API.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::DataLoss => "data_loss",
            Self::Outage => "outage",
            Self::Regulatory => "regulatory",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|criterion| criterion.key() == key)
    }
}

/// What can be shortened, and is then owed. Listed as in the seed: promotion and approval, smoke and integration tests,
/// bake; and the health gate, whose evidence is waited for less long. How much harm it lets through never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    Bake,
    Health,
    ChangeScrutiny,
    SmokeTests,
    IntegrationTests,
}

impl Gate {
    pub const ALL: [Self; 5] =
        [Self::Bake, Self::Health, Self::ChangeScrutiny, Self::SmokeTests, Self::IntegrationTests];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Bake => "bake",
            Self::Health => "health",
            Self::ChangeScrutiny => "change_scrutiny",
            Self::SmokeTests => "smoke_tests",
            Self::IntegrationTests => "integration_tests",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|gate| gate.key() == key)
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Bake => "bake time",
            Self::Health => "health gate",
            Self::ChangeScrutiny => "change scrutiny",
            Self::SmokeTests => "smoke tests",
            Self::IntegrationTests => "integration tests",
        }
    }

    /// It is shortened by a number, not by a smaller set of checks.
    pub const fn is_measured(self) -> bool {
        matches!(self, Self::Bake | Self::Health)
    }
}

/// To what each is shortened. `None`: as usual. Hours are real hours, of each station anew.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shortening {
    pub bake_hours: Option<u16>,
    /// Hours that telemetry has to cover before the health gate may pass.
    pub covered_hours: Option<u16>,
    /// Reports that the health gate needs before it may pass.
    pub samples: Option<u32>,
    /// Notice to customers (rule N1). A promise, not a gate: it is not completed afterwards.
    pub notice_hours: Option<u16>,
    /// Days between a customer's own sandboxes and its production (rule G3). A promise, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap_days: Option<u16>,
    /// "Promotion … acceleration" (seed): each station follows the one before it in the next dark hours, whatever its
    /// published window and the days of its environments are (rule G4). Order, gates and approvals stay.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any_night: bool,
    /// Checks of which the quick part decides now, and the rest follows out of band.
    pub reduced: Vec<Gate>,
}

impl Shortening {
    /// What is no less than usual shortens nothing, and nothing is owed for it. Where telemetry is looked at, the longer of
    /// bake and covered hours holds: both are shortened or neither, and covered hours that nobody asks for are the bake.
    #[must_use]
    pub fn below(self, usual: Pace) -> Self {
        let covered_hours = self.covered_hours.filter(|_| usual.covered_hours > 0);
        let bake = self.bake_hours.unwrap_or(usual.bake_hours);
        let is_shorter = bake.max(covered_hours.unwrap_or(bake)) < usual.bake_hours;
        Self {
            bake_hours: self.bake_hours.filter(|_| is_shorter),
            covered_hours: covered_hours.filter(|_| is_shorter),
            samples: self.samples.filter(|samples| *samples < usual.samples),
            notice_hours: self.notice_hours.filter(|hours| *hours < usual.notice_hours),
            gap_days: self.gap_days.filter(|days| *days < usual.gap_days),
            any_night: self.any_night,
            reduced: self.reduced,
        }
    }

    /// The gates that are owed afterwards, each once.
    pub fn gates(&self) -> Vec<Gate> {
        let measured = [
            (self.bake_hours.is_some(), Gate::Bake),
            (self.covered_hours.is_some() || self.samples.is_some(), Gate::Health),
        ];
        let measured = measured.into_iter().filter(|(shortened, _)| *shortened).map(|(_, gate)| gate);
        let mut gates: Vec<Gate> = measured.chain(self.reduced.iter().copied()).collect();
        gates.sort_unstable();
        gates.dedup();
        gates
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyRequest {
    pub rollout: RolloutId,
    pub build: BuildId,
    pub criterion: Criterion,
    pub severity: Severity,
    /// Who asks, and how the criterion is met.
    pub why: Reasoned,
    pub shortening: Shortening,
    /// Each freeze by name. What it does not name still wins.
    pub overrides: Vec<FreezeId>,
    /// From the moment it comes into force.
    pub lasts_hours: u16,
}

/// Data of the vendor. Numbers are hours unless their name says otherwise; minima are at least 1, whatever is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyPolicy {
    /// Who may approve. At least two beside the requester, else nothing is ever approved.
    pub approvers: Vec<UserId>,
    pub severity_min: Severity,
    /// What the form offers.
    pub bake_hours_default: u16,
    pub bake_hours_min: u16,
    pub covered_hours_min: u16,
    pub samples_min: u32,
    pub notice_hours_min: u16,
    /// Days. An emergency policy written before there was one has the least.
    #[serde(default)]
    pub gap_days_min: u16,
    pub lasts_hours_max: u16,
    /// Until checks that were reduced are completed.
    pub checks_due_hours: u16,
    /// Until bake and health are looked at again in full.
    pub health_due_hours: u16,
    pub review_days: u16,
}

impl EmergencyPolicy {
    /// 6 h of bake: the vendor's default wait for a hotfix (domain.md §9.1); nothing below 1 h, and production at least a
    /// night after its sandboxes. A week: on any night the six stations of both published cadences follow one another within six
    /// days, where none needs a second night, and whoever keeps to the weekend has one. Checks follow within a day, "as
    /// quickly as possible" (seed); a week shows bake and health of all stations in full. The review has the week after.
    pub const fn with(approvers: Vec<UserId>) -> Self {
        Self {
            approvers,
            severity_min: Severity::High,
            bake_hours_default: 6,
            bake_hours_min: 1,
            covered_hours_min: 1,
            samples_min: 5,
            notice_hours_min: 1,
            gap_days_min: 1,
            lasts_hours_max: 7 * 24,
            checks_due_hours: 24,
            health_due_hours: 7 * 24,
            review_days: 7,
        }
    }

    pub(super) fn due_after(&self, gate: Gate) -> TimeDelta {
        let hours = if gate.is_measured() { self.health_due_hours } else { self.checks_due_hours };
        TimeDelta::hours(hours.into())
    }
}

/// Why a request is refused. Each names the field it belongs to through [`RequestError::field`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "refused", rename_all = "snake_case")]
pub enum RequestError {
    #[error("{error}")]
    Reason { error: ReasonError },
    #[error("The emergency path is for incidents of severity {} and above.", .least.word())]
    SeverityTooLow { least: Severity },
    #[error("Nothing is shortened and no freeze overridden: the usual path does.")]
    NothingShortened,
    #[error("A station bakes for at least {least} hours. It is shortened, never dropped.")]
    BakeTooShort { least: u16 },
    #[error("Telemetry has to cover at least {least} hours. It is shortened, never dropped.")]
    CoveredTooShort { least: u16 },
    #[error("The health gate needs at least {least} reports. It is shortened, never dropped.")]
    TooFewSamples { least: u32 },
    #[error("Customers are told at least {least} hours ahead.")]
    NoticeTooShort { least: u16 },
    #[error("Production follows its sandboxes by at least {least} days. It is shortened, never dropped.")]
    GapTooShort { least: u16 },
    #[error("The {} is shortened by its own number.", .gate.word())]
    NotACheck { gate: Gate },
    #[error("It lasts at least 1 and at most {most} hours; it can be asked for again.")]
    WrongLength { most: u16 },
    #[error("No such freeze stands. Choose from those that do.")]
    NoSuchFreeze { freeze: FreezeId },
    #[error("The list of approvers names fewer than two people beside you. The operator has to complete it.")]
    TooFewApprovers,
}

impl RequestError {
    pub const fn field(self) -> &'static str {
        match self {
            Self::Reason { .. } => "reason",
            Self::SeverityTooLow { .. } => "severity",
            Self::BakeTooShort { .. } | Self::NothingShortened => "bake_hours",
            Self::CoveredTooShort { .. } => "covered_hours",
            Self::TooFewSamples { .. } => "samples",
            Self::NoticeTooShort { .. } => "notice_hours",
            Self::GapTooShort { .. } => "gap_days",
            Self::NotACheck { .. } => "reduced",
            Self::WrongLength { .. } => "lasts_hours",
            Self::NoSuchFreeze { .. } => "overrides",
            Self::TooFewApprovers => "approver",
        }
    }
}

impl EmergencyRequest {
    pub fn file(
        self,
        id: EmergencyId,
        policy: &EmergencyPolicy,
        freezes: &Freezes,
    ) -> Result<EmergencyPath, RequestError> {
        let request = self.checked(policy, freezes)?;
        Ok(EmergencyPath { id, request, state: EmergencyState::Requested { approvals: Vec::new() } })
    }

    pub(super) fn checked(mut self, policy: &EmergencyPolicy, freezes: &Freezes) -> Result<Self, RequestError> {
        self.why.reason = reason(&self.why.reason).map_err(|error| RequestError::Reason { error })?;
        if self.severity < policy.severity_min {
            return Err(RequestError::SeverityTooLow { least: policy.severity_min });
        }
        policy.check_numbers(&self.shortening)?;
        if let Some(gate) = self.shortening.reduced.iter().find(|gate| gate.is_measured()) {
            return Err(RequestError::NotACheck { gate: *gate });
        }
        if self.shortening == Shortening::default() && self.overrides.is_empty() {
            return Err(RequestError::NothingShortened);
        }
        if self.lasts_hours == 0 || self.lasts_hours > policy.lasts_hours_max {
            return Err(RequestError::WrongLength { most: policy.lasts_hours_max });
        }
        let stands = |id: FreezeId| freezes.get(id).is_some_and(|freeze| freeze.state == FreezeState::Set);
        if let Some(freeze) = self.overrides.iter().find(|id| !stands(**id)) {
            return Err(RequestError::NoSuchFreeze { freeze: *freeze });
        }
        let mut others: Vec<UserId> = policy.approvers.iter().copied().filter(|id| *id != self.why.by.id).collect();
        others.sort_unstable();
        others.dedup();
        if others.len() < usize::from(super::APPROVERS_NEEDED) {
            return Err(RequestError::TooFewApprovers);
        }
        Ok(self)
    }
}

impl EmergencyPolicy {
    fn check_numbers(&self, wish: &Shortening) -> Result<(), RequestError> {
        let least = |number: u16| number.max(1);
        let below = |wish: Option<u16>, least: u16| wish.is_some_and(|wish| wish < least);
        let (bake, covered) = (least(self.bake_hours_min), least(self.covered_hours_min));
        let (notice, samples) = (least(self.notice_hours_min), self.samples_min.max(1));
        let gap = least(self.gap_days_min);
        if below(wish.bake_hours, bake) {
            Err(RequestError::BakeTooShort { least: bake })
        } else if below(wish.covered_hours, covered) {
            Err(RequestError::CoveredTooShort { least: covered })
        } else if wish.samples.is_some_and(|wish| wish < samples) {
            Err(RequestError::TooFewSamples { least: samples })
        } else if below(wish.notice_hours, notice) {
            Err(RequestError::NoticeTooShort { least: notice })
        } else if below(wish.gap_days, gap) {
            Err(RequestError::GapTooShort { least: gap })
        } else {
            Ok(())
        }
    }
}
