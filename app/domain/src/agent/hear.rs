//! How a report moves an update: a total function of what is known and what is said.
//!
//! - Only the attempt that was begun last moves an update, while it runs or as its agent takes back how it ended. What is
//!   heard of an earlier one comes late; what is heard of one that was never begun contradicts what we know.
//! - *Healthy* implies *applied*, which implies *begun*: what overtook the others says it all, and they come late.
//! - *Healthy* of before the newest word that a build runs there with which the attempt is not done is no success: it
//!   contradicts what we know. A word that was heard before the attempt began overrules none of its words, whatever the
//!   agent's clock said then and says now.
//! - *Healthy* of the attempt that failed last, or of a later one, mends that failure, however late it comes, and *failed*
//!   that was so after it makes it count again. A build that merely runs mends nothing. That we gave an attempt up is
//!   older than any word of its agent.
//! - Of two endings of one attempt the one that was so later holds (an agent that rolls back by itself says *healthy*, then
//!   *failed*), whichever is heard first; the other comes late. Nothing moves any more once its rollout is completed, nor
//!   where what the attempt had ended with is not its state any more (held, tried again): what runs there decides then.
//! - What runs there is the newest word on it by the agent's own clock, whatever became of the update: rule G6 needs the
//!   truth, also of an attempt that was given up, and of a build that nobody ordered.
//!
//! Words are compared by the agent's own clock, what runs no earlier than the start of the last attempt: neither the order in
//! which they come nor a clock that is set back makes a true word older than what was said before it. What people read is
//! dated no later than now. A failure is dated when we learn it: a person who resumed before that did not know of it.

use super::report::{Ended, Ending, Report, Runs, Said};
use crate::pull_ahead::Booked;
use crate::release::BuildVersion;
use crate::rollout::{RolloutKind, UpdateState};
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
    /// The way it goes.
    pub kind: RolloutKind,
    /// Its owner takes it ahead of its night.
    pub pull: Option<Booked>,
    /// How the attempt of the report ended, by the word that holds of those heard before.
    pub ended: Option<Ended>,
    /// Its rollout is completed.
    pub closed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// `None` where the report is of no order.
    pub update: Option<Attempt>,
    /// The newest word on what runs there.
    pub runs: Option<Runs>,
    /// When that was heard, by our clock; `None` where it is so long ago that nobody knows any more.
    pub runs_heard: Option<DateTime<Utc>>,
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
            Self::Late => {
                "Something newer is known, or it is settled already; the report was kept and the update did not move."
            }
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
    /// The update failed before, and that is mended.
    pub mends: bool,
    /// What had mended it is taken back: the failure counts again.
    pub fails_again: bool,
}

/// What follows from one report, heard at `now`.
pub fn hear(standing: &Standing, report: &Report, now: DateTime<Utc>) -> Heard {
    let claim = claimed(standing, report);
    let runs = claim.filter(|claim| is_newest(standing, report, *claim));
    match (&standing.update, &report.said) {
        (_, Said::RunningVersion { .. }) | (None, _) => {
            Heard { outcome: of_claim(standing, claim, runs), next: None, runs, mends: false, fails_again: false }
        }
        (Some(attempt), said) => {
            let overruled = *said == Said::Healthy && runs.is_none() && is_gone(standing, attempt);
            let (outcome, next) = match of_attempt(attempt, report, now) {
                (_, Some(_)) if overruled => (Outcome::Contradictory, None),
                said => said,
            };
            let taken = matches!(outcome, Outcome::Accepted | Outcome::Late);
            let fails_again = taken && next.is_none() && fails_again(attempt, report);
            Heard { outcome, next, runs, mends: taken && !overruled && mends(attempt, report), fails_again }
        }
    }
}

/// The build that runs, where the report says so. An applied build does not count yet: it may be rolled back.
fn claimed(standing: &Standing, report: &Report) -> Option<Runs> {
    let healthy = |attempt: &&Attempt| report.attempt.is_some_and(|number| was_begun(attempt, number));
    let build = match &report.said {
        Said::RunningVersion { build } => Some(*build),
        Said::Healthy => standing.update.as_ref().filter(healthy).map(|attempt| attempt.build),
        Said::Failed { running, .. } => *running,
        Said::Begun | Said::Applied => None,
    };
    let at = own_began(standing, report).map_or(report.at, |began| report.at.max(began));
    build.map(|build| Runs { at, sequence: report.sequence, build })
}

fn is_newest(standing: &Standing, report: &Report, claim: Runs) -> bool {
    let Some(known) = standing.runs else { return true };
    let heard_before = |began: DateTime<Utc>| standing.runs_heard.is_none_or(|heard| heard < began);
    claim > known || known != claim && own_began(standing, report).is_some_and(heard_before)
}

/// When the last attempt began, where the report is of that.
fn own_began(standing: &Standing, report: &Report) -> Option<DateTime<Utc>> {
    let own = standing.update.as_ref().filter(|attempt| report.attempt == Some(attempt.attempts))?;
    began(&own.state)
}

/// Attempts are counted from 1. Who has ended the last one had begun it.
const fn was_begun(attempt: &Attempt, number: u8) -> bool {
    let is_over = number < attempt.attempts || !attempt.state.is_running();
    number > 0 && number <= attempt.attempts && (is_over || attempt.begun)
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

/// The newest word is that another build runs there, with which the attempt is not done: who says *healthy* of before
/// that says what is no more. The attempt is left to end as one that nobody confirmed, and is made again.
fn is_gone(standing: &Standing, attempt: &Attempt) -> bool {
    standing.runs.is_some_and(|known| !attempt.kind.is_satisfied(known.build, attempt.build))
}

/// Of the attempt that failed last, or of a later one: what was missing was the word of it, or it came good.
fn mends(attempt: &Attempt, report: &Report) -> bool {
    let failed_since = attempt.ended.is_some_and(|known| known.how == Ending::Failed && Some(known) > report.ended());
    report.said == Said::Healthy && !failed_since && is_of_what_counts(attempt, report)
}

/// Healthy was what counted of it, and that is no more; the update has moved on meanwhile.
fn fails_again(attempt: &Attempt, report: &Report) -> bool {
    let was_healthy = attempt.ended.is_some_and(|known| known.how == Ending::Healthy && Some(known) < report.ended());
    let failed = matches!(report.said, Said::Failed { .. });
    failed && was_healthy && !attempt.closed && is_of_what_counts(attempt, report)
}

/// Of the attempt that ended last, or of a later one.
fn is_of_what_counts(attempt: &Attempt, report: &Report) -> bool {
    let ended_last = attempt.attempts.saturating_sub(u8::from(attempt.state.is_running()));
    report.attempt.is_some_and(|number| was_begun(attempt, number) && number >= ended_last)
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
    if number == 0 || number > attempt.attempts {
        return (Outcome::Contradictory, None);
    }
    match (attempt.ended, report.ended()) {
        (Some(known), Some(ended)) if known.how == ended.how => return (Outcome::Known, None),
        (Some(known), Some(ended)) if number == attempt.attempts && ended > known => {
            return taken_back(attempt, report, now);
        }
        (Some(_), Some(_)) => return (Outcome::Late, None),
        (None, _) | (_, None) => {}
    }
    if number < attempt.attempts || !attempt.state.is_running() {
        // Given up by us, which any word of its agent outdoes.
        let given_up = number == attempt.attempts && matches!(attempt.state, UpdateState::Failed { .. });
        let ends = given_up && report.ended().is_some();
        return if ends { taken_back(attempt, report, now) } else { (Outcome::Late, None) };
    }
    if !was_begun(attempt, number) {
        return (Outcome::Contradictory, None);
    }
    running(attempt, report, now)
}

/// It ended otherwise than its agent had said, or than we had taken it to.
fn taken_back(attempt: &Attempt, report: &Report, now: DateTime<Utc>) -> (Outcome, Option<UpdateState>) {
    match attempt.state.clone().reconsider(attempt.pull.as_ref().and_then(|pull| pull.night)) {
        Ok(state) if !attempt.closed => running(&Attempt { state, ..attempt.clone() }, report, now),
        _ => (Outcome::Late, None),
    }
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
