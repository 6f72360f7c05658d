//! A customer takes a build before its night. "Customers will still be able to pull the quality updates ahead of
//! proactive deployment if they want" (seed): so what protects the fleet from harm refuses, and what protects customers
//! from being surprised by a push only warns, because here they choose.
//!
//! | refuses | because |
//! |---|---|
//! | halt, freeze, build not approved or not offered | harm is known, feared, or not looked for yet |
//! | failed in an own sandbox (S3) | that is evidence of harm to this very customer |
//! | designated with a production that is behind (I6) | it never gets a build before its production |
//! | outside dark hours, or too little night left (G4, I1) | holds for every start, whoever asked |
//! | an update runs; other service update; equal or later build there | there is nothing to start (I4, G6) |
//!
//! | only warns | because |
//! |---|---|
//! | gap to the own sandbox not kept (G3), or no sandbox tried it | missing time is no evidence, and the time is theirs |
//! | exempt (S2) | an exemption is from the push; it goes on for later ones |
//! | priority-based batch scheduling off (S4) | needed "before they start to participate in proactive distribution" |
//!
//! Stages, gates, shares and weekend days do not matter: they order the push. Caps (C1) do, when it starts: the planner
//! starts it like any other, and it waits its turn within the night. Afterwards the push finds it already satisfied (G6).
//!
//! It is counted apart. The customer chose itself, so its success says nothing of the share of a stage, and no stage waits
//! for it (`Part::Out`). But a build that harms whoever pulls it must not go on because they were early: failures and
//! successes of pulls both count in the test on failures, which looks at every attempt in the order of time.
//!
//! | it ends | then |
//! |---|---|
//! | healthy | already satisfied; the announced night does not take place |
//! | failed | an attempt like any other: the push tries again within its stage, and own production is held (S3) |
//! | taken back, frozen, or its night passed without a start | what was announced before stands again ([`Booked`]) |
//!
//! Not here: starting it (`rollout::planner::turns`).

mod booked;

pub use booked::Booked;

use crate::calendar::Night;
use crate::clockface::Clockface;
use crate::fleet::EnvironmentKind;
use crate::fleet::Exemption;
use crate::fleet::designation::Promise;
use crate::freeze::{Freezes, Place};
use crate::number::days;
use crate::release::{BuildVersion, ServiceUpdate};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// When the customer wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "start", rename_all = "snake_case")]
pub enum Start {
    Now,
    At { at: DateTime<Utc> },
}

/// What became of the build, or a later one, in the sandboxes of the same customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "tried", rename_all = "snake_case")]
pub enum SandboxTrial {
    NoSandbox,
    NotYet,
    /// The first success.
    Since {
        at: DateTime<Utc>,
    },
    /// It failed in one, and no later attempt there mended it (rule S3).
    Failed,
}

/// The build that the next push would bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    pub build: BuildVersion,
    pub service_update: ServiceUpdate,
    pub approved: bool,
    /// From the change cutoff of its train on; `None` where no train carries it.
    pub from: Option<DateTime<Utc>>,
}

/// A production that this sandbox is designated with, and does not move ahead of (rules G5, I6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedProduction {
    pub name: String,
    /// It runs the build or a later one.
    pub has_it: bool,
}

#[derive(Debug, Clone)]
pub struct PullFacts<'a> {
    pub kind: EnvironmentKind,
    pub runs: BuildVersion,
    pub service_update: ServiceUpdate,
    pub place: Place<'a>,
    pub offer: Offer,
    /// It is in a stage of the rollout; its region has a station, then (rule S5).
    pub placed: bool,
    /// As many attempts as may be made have failed.
    pub attempts_used: bool,
    /// It is taken ahead already, in that night.
    pub booked: Option<Night>,
    /// The sentence of what halts it: its build, its rollout, its station or its customer.
    pub halted: Option<String>,
    pub freezes: &'a Freezes,
    /// What the rollout has promised so far.
    pub promise: Promise,
    pub trial: SandboxTrial,
    pub follows: Option<FollowedProduction>,
    pub exemption: Option<&'a Exemption>,
    pub priority_batch: bool,
    /// The nights of its region, the running one first, as far ahead as may be chosen. Empty where its dark hours are
    /// not known (rule S5).
    pub nights: &'a [Night],
    /// Rule G4.
    pub declared_minutes: u16,
    /// Rule G3.
    pub min_gap_days: u16,
}

/// Why it is refused: the first that stands, in the order of the checks. Each names the field it belongs to through
/// [`PullError::field`].
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "refused", rename_all = "snake_case")]
pub enum PullError {
    #[error("Its update is running.")]
    UpdateRunning,
    #[error("It is taken ahead already.")]
    Booked { night: Night },
    #[error("The update failed as often as it may be tried. Ask support to look at it.")]
    AttemptsUsed,
    #[error("Its region belongs to no station yet; the operator has to map it.")]
    NoStation,
    #[error("This build is of service update {of}; a quality update never changes the service update.")]
    OtherServiceUpdate { of: ServiceUpdate },
    #[error("It runs {runs} already, an equal or later build.")]
    AlreadyThere { runs: BuildVersion },
    #[error("{why}.")]
    Halted { why: String },
    #[error("The build is not approved yet.")]
    NotApproved,
    #[error("The build is not offered yet.")]
    NotOffered { from: Option<DateTime<Utc>> },
    #[error("It is designated to move with {production}, which is not updated yet.")]
    ProductionFirst { production: String },
    #[error("The update failed in one of your sandboxes. Production can follow when it succeeded there.")]
    FailedInSandbox,
    #[error("No dark hours are known for its region; the operator has to set them.")]
    NoDarkHours,
    #[error("This time has passed.")]
    InThePast,
    #[error(
        "An update starts in the dark hours of its region, with enough of the night left. Choose one of the nights offered."
    )]
    OutsideDarkHours { next: Option<Night> },
    #[error("Its own night comes no later than that.")]
    NotAhead { night: Night },
    #[error("Frozen: {why}.")]
    Frozen { why: String, free_from: Option<NaiveDate> },
}

impl PullError {
    /// From when on it can be taken, or what has to happen first.
    pub fn way_out(&self, clock: &dyn Clockface) -> String {
        match self {
            Self::UpdateRunning => "What became of it is said here when it has finished.".to_owned(),
            Self::Booked { night } => {
                format!("Its night is {}. Take that back first to choose another one.", clock.night(*night))
            }
            Self::OtherServiceUpdate { .. } => "Trains of its own service update bring its builds.".to_owned(),
            Self::AttemptsUsed | Self::AlreadyThere { .. } => "The next train brings a later build.".to_owned(),
            Self::Halted { .. } => {
                "It can be taken when the halt is lifted; nobody can say yet when that is.".to_owned()
            }
            Self::NotApproved => "It can be taken when the build is approved.".to_owned(),
            Self::NotOffered { from: Some(from) } => format!("It can be taken from {} on.", clock.instant(*from)),
            Self::NotOffered { from: None } => "It can be taken when a train carries it.".to_owned(),
            Self::ProductionFirst { production } => format!("It can be taken when {production} runs the build."),
            Self::FailedInSandbox => "Take it in that sandbox again, or ask support to look at it.".to_owned(),
            Self::NoStation | Self::NoDarkHours => "The operator has it on a list.".to_owned(),
            Self::InThePast => "Choose one of the nights offered.".to_owned(),
            Self::OutsideDarkHours { next: Some(next) } => format!("The next night is {}.", clock.night(*next)),
            Self::OutsideDarkHours { next: None } => {
                "No night before its own is free; it is updated in its own night.".to_owned()
            }
            Self::NotAhead { night } => format!("It is updated on {}.", clock.night(*night)),
            Self::Frozen { free_from: Some(date), .. } => {
                format!("The first free night is that of {}.", clock.date(*date))
            }
            Self::Frozen { free_from: None, .. } => "It can be taken when the freeze is lifted.".to_owned(),
        }
    }

    pub const fn field(&self) -> &'static str {
        match self {
            Self::InThePast | Self::OutsideDarkHours { .. } | Self::NotAhead { .. } | Self::Frozen { .. } => "start",
            _ => "environment",
        }
    }
}

/// What the customer should know first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "warning", rename_all = "snake_case")]
pub enum PullWarning {
    NoSandboxTriedIt,
    /// A sandbox has run it for less than the gap when this starts.
    GapNotKept {
        since: DateTime<Utc>,
        days: u16,
    },
    StaysExempt {
        until: DateTime<Utc>,
    },
    PriorityBatchOff,
}

/// What a pull will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullEffect {
    pub build: BuildVersion,
    /// Not before; within `night`.
    pub starts_at: DateTime<Utc>,
    pub night: Night,
    /// The announced night that the later push does not need any more.
    pub replaces: Option<Night>,
    pub warnings: Vec<PullWarning>,
}

/// Checks the wish and says its effect.
pub fn pull_ahead(facts: &PullFacts<'_>, start: Start, now: DateTime<Utc>) -> Result<PullEffect, PullError> {
    facts.check_environment()?;
    facts.check_build(now)?;
    facts.check_own_order()?;
    let (starts_at, night) = facts.resolve(start, now)?;
    let replaces = match facts.promise {
        Promise::Announced(announced) if announced.start <= starts_at => {
            return Err(PullError::NotAhead { night: announced });
        }
        Promise::Announced(announced) => Some(announced),
        Promise::Nothing | Promise::Running => None,
    };
    if let Some(freeze) = facts.freezes.covering(facts.place, night.date) {
        let free_from = facts.freezes.free_from(facts.place, night.date);
        return Err(PullError::Frozen { why: freeze.reason.trim_end_matches('.').to_owned(), free_from });
    }
    let warnings = facts.warnings(starts_at, now);
    Ok(PullEffect { build: facts.offer.build, starts_at, night, replaces, warnings })
}

/// The nights that can be chosen: no freeze holds them, enough of them is left, and they come before its own.
pub fn nights_offered(facts: &PullFacts<'_>, now: DateTime<Utc>) -> Vec<Night> {
    let own = match facts.promise {
        Promise::Announced(night) => Some(night.start),
        Promise::Nothing | Promise::Running => None,
    };
    let possible = |night: &&Night| {
        night.admits_start(now.max(night.start), facts.declared())
            && own.is_none_or(|own| now.max(night.start) < own)
            && facts.freezes.covering(facts.place, night.date).is_none()
    };
    facts.nights.iter().filter(possible).copied().collect()
}

impl PullFacts<'_> {
    fn declared(&self) -> TimeDelta {
        TimeDelta::minutes(self.declared_minutes.into())
    }

    /// There is something to start.
    fn check_environment(&self) -> Result<(), PullError> {
        if self.promise == Promise::Running {
            Err(PullError::UpdateRunning)
        } else if let Some(night) = self.booked {
            Err(PullError::Booked { night })
        } else if self.offer.service_update != self.service_update {
            Err(PullError::OtherServiceUpdate { of: self.offer.service_update })
        } else if self.runs >= self.offer.build {
            Err(PullError::AlreadyThere { runs: self.runs })
        } else if self.attempts_used {
            Err(PullError::AttemptsUsed)
        } else if !self.placed {
            Err(PullError::NoStation)
        } else {
            Ok(())
        }
    }

    fn check_build(&self, now: DateTime<Utc>) -> Result<(), PullError> {
        if let Some(why) = &self.halted {
            Err(PullError::Halted { why: why.trim_end_matches('.').to_owned() })
        } else if !self.offer.approved {
            Err(PullError::NotApproved)
        } else if self.offer.from.is_none_or(|from| now < from) {
            Err(PullError::NotOffered { from: self.offer.from })
        } else {
            Ok(())
        }
    }

    /// Among the customer's own environments.
    fn check_own_order(&self) -> Result<(), PullError> {
        if let Some(production) = self.follows.as_ref().filter(|production| !production.has_it) {
            return Err(PullError::ProductionFirst { production: production.name.clone() });
        }
        if self.kind == EnvironmentKind::Production && self.trial == SandboxTrial::Failed {
            return Err(PullError::FailedInSandbox);
        }
        Ok(())
    }

    fn resolve(&self, start: Start, now: DateTime<Utc>) -> Result<(DateTime<Utc>, Night), PullError> {
        let at = match start {
            Start::Now => now,
            Start::At { at } if at < now => return Err(PullError::InThePast),
            Start::At { at } => at,
        };
        if self.nights.is_empty() {
            return Err(PullError::NoDarkHours);
        }
        let night = self.nights.iter().find(|night| night.admits_start(at, self.declared()));
        match night {
            Some(night) => Ok((at, *night)),
            None => Err(PullError::OutsideDarkHours { next: nights_offered(self, now).first().copied() }),
        }
    }

    fn warnings(&self, starts_at: DateTime<Utc>, now: DateTime<Utc>) -> Vec<PullWarning> {
        let production = self.kind == EnvironmentKind::Production;
        let days = self.min_gap_days;
        let trial = match self.trial {
            SandboxTrial::NoSandbox | SandboxTrial::NotYet => Some(PullWarning::NoSandboxTriedIt),
            SandboxTrial::Since { at: since } if starts_at < since + TimeDelta::days(days.into()) => {
                Some(PullWarning::GapNotKept { since, days })
            }
            SandboxTrial::Since { .. } | SandboxTrial::Failed => None,
        };
        let exempt = self.exemption.filter(|exemption| exemption.holds_at(now));
        let mut warnings: Vec<PullWarning> = trial.filter(|_| production).into_iter().collect();
        warnings.extend(exempt.map(|exemption| PullWarning::StaysExempt { until: exemption.expires_at }));
        if production && !self.priority_batch {
            warnings.push(PullWarning::PriorityBatchOff);
        }
        warnings
    }
}

impl PullWarning {
    pub fn sentence(&self, clock: &dyn Clockface) -> String {
        match self {
            Self::NoSandboxTriedIt => "None of your sandboxes has run this build yet".to_owned(),
            Self::GapNotKept { since, days: gap } => format!(
                "A sandbox of yours has run it since {}; proactive updates leave {} between sandbox and production",
                clock.instant(*since),
                days(*gap)
            ),
            Self::StaysExempt { until } => {
                format!("It stays exempt until {}: later quality updates are not pushed", clock.instant(*until))
            }
            Self::PriorityBatchOff => {
                "Priority-based batch scheduling is off: batch jobs that run then do not resume by themselves"
                    .to_owned()
            }
        }
    }
}

impl PullEffect {
    /// What happens and when, what does not happen any more, and what to know first.
    pub fn sentence(&self, clock: &dyn Clockface) -> String {
        let mut said =
            vec![format!("{} starts on {}, within the dark hours", self.build, clock.instant(self.starts_at))];
        match self.replaces {
            Some(night) => said.push(format!(
                "The announced night, {}, is not needed any more: the push finds the build there",
                clock.night(night)
            )),
            None => said.push("The later push finds the build there and does nothing".to_owned()),
        }
        said.extend(self.warnings.iter().map(|warning| warning.sentence(clock)));
        said.join(". ") + "."
    }
}

#[cfg(test)]
#[path = "pull_ahead_tests.rs"]
mod tests;
