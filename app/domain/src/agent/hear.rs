//! How a report moves an update: a total function of what is known and what is said.
//!
//! - Only the attempt that was begun last moves an update, and only while it runs. What is heard of an earlier one comes
//!   late; what is heard of one that was never begun contradicts what we know.
//! - *Healthy* implies *applied*, which implies *begun*: what overtook the others says it all, and they come late.
//! - *Healthy* of before the newest word that an earlier build runs there is no success: it contradicts what we know. A
//!   word of before the attempt began overrules none of its words, whatever the agent's clock said then and says now.
//! - The first ending that is heard holds. Another one contradicts it, and is kept for whoever looks.
//! - What runs there is the newest word on it by the agent's own clock, whatever became of the update: rule G6 needs the
//!   truth, also of an attempt that was given up, and of a build that nobody ordered.
//!
//! A failure is dated when we learn it: a person who resumed before that did not know of it. All else is dated by the
//! agent's clock, no later than now and, where it is of the last attempt, no earlier than its start: a clock that is ahead,
//! or that is set back, makes no true word older than what was said before it.

use super::report::{Ending, Report, Runs, Said};
use crate::pull_ahead::Booked;
use crate::release::BuildVersion;
use crate::rollout::UpdateState;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What is known of the update that a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub state: UpdateState,
    /// Attempts so far, the running one included.
    pub attempts: u8,
    /// The running attempt was handed out.
    pub begun: bool,
    /// The build that it brings.
    pub build: BuildVersion,
    /// Its owner takes it ahead of its night.
    pub pull: Option<Booked>,
    /// How the attempt of the report ended, as heard before.
    pub ended: Option<Ending>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// `None` where the report is of no order.
    pub update: Option<Attempt>,
    /// The newest word on what runs there.
    pub runs: Option<Runs>,
    /// Whether the build that is said to run is registered.
    pub registered: bool,
}

/// What became of a report. Every one is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It moved the update, or told what runs.
    Accepted,
    /// It says what was known.
    Known,
    /// It was true, and something newer is known.
    Late,
    /// It does not agree with what is known; nobody acts on it.
    Contradictory,
    /// A build runs there that is not registered. It is kept as what runs.
    UnknownVersion,
}

impl Outcome {
    pub const ALL: [Self; 5] = [Self::Accepted, Self::Known, Self::Late, Self::Contradictory, Self::UnknownVersion];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Known => "known",
            Self::Late => "late",
            Self::Contradictory => "contradictory",
            Self::UnknownVersion => "unknown_version",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.key() == key)
    }

    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Accepted => "The report was taken.",
            Self::Known => "The report says what was known already; nothing changed.",
            Self::Late => "Something newer is known; the report was kept and the update did not move.",
            Self::Contradictory => {
                "The report does not agree with what is known of this attempt; it was kept and the update did not move."
            }
            Self::UnknownVersion => "This build is not registered here; it was kept as what runs in the environment.",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub outcome: Outcome,
    /// The state that follows; `None` where the update does not move.
    pub next: Option<UpdateState>,
    /// The newest word on what runs, where this is it.
    pub runs: Option<Runs>,
}

/// What follows from one report, heard at `now`.
pub fn hear(standing: &Standing, report: &Report, now: DateTime<Utc>) -> Heard {
    let claim = claimed(standing, report, now);
    let runs = claim.filter(|claim| standing.runs.is_none_or(|known| *claim > known));
    match (&standing.update, &report.said) {
        (_, Said::RunningVersion { .. }) | (None, _) => {
            Heard { outcome: of_claim(standing, claim, runs), next: None, runs }
        }
        (Some(attempt), _) => {
            let (outcome, next) = match of_attempt(attempt, report, now) {
                (_, Some(_)) if overruled(standing, attempt, claim) => (Outcome::Contradictory, None),
                said => said,
            };
            Heard { outcome, next, runs }
        }
    }
}

/// The build that runs, where the report says so. An applied build does not count yet: it may be rolled back.
fn claimed(standing: &Standing, report: &Report, now: DateTime<Utc>) -> Option<Runs> {
    let build = match &report.said {
        Said::RunningVersion { build } => Some(*build),
        Said::Healthy => standing.update.as_ref().map(|attempt| attempt.build),
        Said::Failed { running, .. } => *running,
        Said::Begun | Said::Applied => None,
    };
    let at = report.at.min(now);
    let own = standing.update.as_ref().filter(|attempt| report.attempt == Some(attempt.attempts));
    let at = own.and_then(|attempt| began(&attempt.state)).map_or(at, |began| at.max(began));
    build.map(|build| Runs { at, sequence: report.sequence, build })
}

/// The last attempt.
const fn began(state: &UpdateState) -> Option<DateTime<Utc>> {
    match state {
        UpdateState::InProgress { started_at, .. }
        | UpdateState::Verifying { started_at, .. }
        | UpdateState::Succeeded { started_at, .. }
        | UpdateState::Failed { started_at, .. } => Some(*started_at),
        UpdateState::AlreadySatisfied { pulled_at, .. } => *pulled_at,
        UpdateState::Planned
        | UpdateState::Announced { .. }
        | UpdateState::Skipped { .. }
        | UpdateState::Held { .. } => None,
    }
}

/// The newest word is that an earlier build runs there: who says *healthy* of before that says what is no more. The
/// attempt is left to end as one that nobody confirmed, and is made again.
fn overruled(standing: &Standing, attempt: &Attempt, claim: Option<Runs>) -> bool {
    let newer = standing.runs.zip(claim).filter(|(known, claim)| known > claim);
    newer.is_some_and(|(known, claim)| claim.build == attempt.build && known.build < attempt.build)
}

fn of_claim(standing: &Standing, claim: Option<Runs>, news: Option<Runs>) -> Outcome {
    let Some(claim) = claim else { return Outcome::Contradictory };
    let same = standing.runs.is_some_and(|known| known.build == claim.build);
    match news {
        Some(_) if !standing.registered => Outcome::UnknownVersion,
        Some(_) if same => Outcome::Known,
        Some(_) => Outcome::Accepted,
        None if standing.runs == Some(claim) => Outcome::Known,
        None => Outcome::Late,
    }
}

fn of_attempt(attempt: &Attempt, report: &Report, now: DateTime<Utc>) -> (Outcome, Option<UpdateState>) {
    let Some(number) = report.attempt else { return (Outcome::Contradictory, None) };
    // Attempts are counted from 1.
    if number == 0 || number > attempt.attempts {
        return (Outcome::Contradictory, None);
    }
    match (attempt.ended, report.said.ending()) {
        (Some(before), Some(ending)) if before == ending => return (Outcome::Known, None),
        (Some(_), Some(_)) => return (Outcome::Contradictory, None),
        (None, _) | (_, None) => {}
    }
    if number < attempt.attempts || !attempt.state.is_running() {
        return (Outcome::Late, None);
    }
    if !attempt.begun {
        return (Outcome::Contradictory, None);
    }
    running(attempt, report, now)
}

/// Of the attempt that runs.
fn running(attempt: &Attempt, report: &Report, now: DateTime<Utc>) -> (Outcome, Option<UpdateState>) {
    let state = &attempt.state;
    let (UpdateState::InProgress { started_at, .. } | UpdateState::Verifying { started_at, .. }) = state else {
        return (Outcome::Late, None);
    };
    let at = report.at.min(now).max(*started_at);
    let fresh = matches!(state, UpdateState::InProgress { .. });
    let healthy = |verifying| Booked::confirm(attempt.pull.as_ref(), verifying, at);
    let next = match &report.said {
        Said::Begun if fresh => return (Outcome::Known, None),
        Said::Begun => return (Outcome::Late, None),
        Said::Applied if !fresh => return (Outcome::Known, None),
        Said::RunningVersion { .. } => return (Outcome::Known, None),
        Said::Applied => state.clone().applied(at),
        Said::Healthy if fresh => state.clone().applied(at).and_then(healthy),
        Said::Healthy => healthy(state.clone()),
        Said::Failed { reason, detail, .. } => {
            let error = detail.as_ref().map_or_else(|| reason.clone(), |detail| format!("{reason}: {detail}"));
            state.clone().fail(error, now)
        }
    };
    // Every edge above leaves its state; were one missing, the report would be kept and nothing moved.
    next.map_or((Outcome::Contradictory, None), |next| (Outcome::Accepted, Some(next)))
}

#[cfg(test)]
#[path = "hear_tests.rs"]
mod tests;
