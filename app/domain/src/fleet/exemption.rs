//! Exemptions (rule S2): a regulated customer's environment takes no quality updates for a time, because a named person
//! saw the evidence. It always ends, is at most so long by policy, and its owner is reminded before it does.
//! Source: seed "Exceptions … will be allowed only for FDA-regulated customers"; domain.md §7: "an expiring, reviewed
//! exemption, rather than a permanent opt-out".
//! ```text
//! Requested ─grant→ Granted ─withdraw→ Withdrawn      a granted one ends by itself; a longer one is a new request
//!     └─refuse→ Refused
//! ```
//! Not here: freezes, which hold every update for anybody and win over the end of an exemption.

use crate::approval::{ApprovalError, Approved, Digest, Terms};
use crate::clockface::Clockface;
use crate::ids::{CustomerId, EnvironmentId, ExemptionId, UserId};
use crate::number::days;
use crate::people::{ReasonError, Reasoned, reason};
use crate::rollout::WrongEdge;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What a granted exemption means for the planner. Granted to regulated customers only (rule S2). Always ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exemption {
    pub reason: String,
    pub evidence: String,
    pub expires_at: DateTime<Utc>,
}

/// Why an exemption is not granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Only a regulated customer can be exempt from quality updates.")]
pub struct NotRegulated;

impl Exemption {
    /// An exemption without its record: the demo fleet is born with some. People go through [`ExemptionRequest`].
    /// `regulated` is the customer's.
    pub fn grant(
        regulated: bool,
        reason: String,
        evidence: String,
        expires_at: DateTime<Utc>,
    ) -> Result<Self, NotRegulated> {
        if !regulated {
            return Err(NotRegulated);
        }
        Ok(Self { reason, evidence, expires_at })
    }

    pub fn holds_at(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at
    }
}

/// Days. Data of the vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionPolicy {
    /// From the request to the end.
    pub longest_days: u16,
    /// Before the end, in any order.
    pub reminder_days: Vec<u16>,
}

impl Default for ExemptionPolicy {
    /// A year: validation plans are reviewed yearly. A month ahead to revalidate, a week ahead because it ends.
    fn default() -> Self {
        Self { longest_days: 365, reminder_days: vec![30, 7] }
    }
}

/// One environment, or all of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum ExemptionScope {
    Environment { environment: EnvironmentId },
    Customer { customer: CustomerId },
}

/// What is asked for. `reason` says why, `evidence` names the document that proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionRequest {
    pub scope: ExemptionScope,
    pub why: Reasoned,
    pub evidence: String,
    pub expires_at: DateTime<Utc>,
}

/// Why a request is refused, or not granted. Each names the field it belongs to through [`ExemptionError::field`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExemptionError {
    #[error("Only a regulated customer can be exempt from quality updates.")]
    NotRegulated,
    #[error("{0}")]
    Reason(ReasonError),
    #[error("Name the document that proves it, such as a validation plan.")]
    Evidence(ReasonError),
    #[error("It would be over already.")]
    Over,
    #[error("An exemption lasts at most {longest_days} days; it can be asked for again before it ends.")]
    TooLong { longest_days: u16 },
    #[error("{0}")]
    Approval(ApprovalError),
    #[error(transparent)]
    WrongEdge(#[from] WrongEdge),
}

impl ExemptionError {
    pub const fn field(&self) -> &'static str {
        match self {
            Self::NotRegulated => "scope",
            Self::Reason(_) => "reason",
            Self::Evidence(_) => "evidence",
            Self::Over | Self::TooLong { .. } => "expires_at",
            Self::Approval(error) => error.field(),
            Self::WrongEdge(_) => "state",
        }
    }
}

/// Stored. Whether a granted one has ended follows from the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ExemptionState {
    Requested,
    Refused {
        refusal: Reasoned,
    },
    Granted {
        approval: Approved,
        /// The smallest number of days before the end of which the owner was reminded.
        reminded_days: Option<u16>,
    },
    Withdrawn {
        approval: Approved,
        withdrawal: Reasoned,
    },
}

/// An exemption with its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionRecord {
    pub id: ExemptionId,
    pub request: ExemptionRequest,
    pub state: ExemptionState,
}

impl ExemptionRequest {
    /// Checks the request, with `now` as the time of asking. `regulated` is the customer's.
    pub fn file(
        mut self,
        id: ExemptionId,
        regulated: bool,
        policy: &ExemptionPolicy,
        now: DateTime<Utc>,
    ) -> Result<ExemptionRecord, ExemptionError> {
        if !regulated {
            return Err(ExemptionError::NotRegulated);
        }
        self.why.reason = reason(&self.why.reason).map_err(ExemptionError::Reason)?;
        self.evidence = reason(&self.evidence).map_err(ExemptionError::Evidence)?;
        self.why.at = now;
        policy.check_end(self.expires_at, now)?;
        Ok(ExemptionRecord { id, request: self, state: ExemptionState::Requested })
    }
}

impl ExemptionPolicy {
    fn check_end(&self, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), ExemptionError> {
        if expires_at <= now {
            Err(ExemptionError::Over)
        } else if expires_at - now > TimeDelta::days(self.longest_days.into()) {
            Err(ExemptionError::TooLong { longest_days: self.longest_days })
        } else {
            Ok(())
        }
    }
}

impl ExemptionRecord {
    /// `Expired` once a granted one has ended.
    pub fn word(&self, now: DateTime<Utc>) -> &'static str {
        match &self.state {
            ExemptionState::Requested => "Requested",
            ExemptionState::Refused { .. } => "Refused",
            ExemptionState::Granted { .. } if now < self.request.expires_at => "Granted",
            ExemptionState::Granted { .. } => "Expired",
            ExemptionState::Withdrawn { .. } => "Withdrawn",
        }
    }

    fn wrong(&self, edge: &'static str, now: DateTime<Utc>) -> WrongEdge {
        WrongEdge { what: "exemption", from: self.word(now), edge }
    }

    /// By another person than the one who asked, who saw exactly this request (rule A1). `digest` is the request's as it
    /// stands, `authorised` are those who may grant exemptions; whether the customer is regulated is asked again.
    pub fn grant(
        self,
        approval: Approved,
        digest: &Digest,
        authorised: &[UserId],
        regulated: bool,
    ) -> Result<Self, ExemptionError> {
        let now = approval.at;
        if self.state != ExemptionState::Requested {
            return Err(self.wrong("be granted", now).into());
        }
        if !regulated {
            return Err(ExemptionError::NotRegulated);
        }
        if self.request.expires_at <= now {
            return Err(ExemptionError::Over);
        }
        let terms = Terms { digest, author: self.request.why.by.id, authorised, needed: 1 };
        terms.take(&[], &approval).map_err(ExemptionError::Approval)?;
        Ok(Self { state: ExemptionState::Granted { approval, reminded_days: None }, ..self })
    }

    pub fn refuse(self, refusal: Reasoned) -> Result<Self, WrongEdge> {
        match self.state {
            ExemptionState::Requested => Ok(Self { state: ExemptionState::Refused { refusal }, ..self }),
            _ => Err(self.wrong("be refused", refusal.at)),
        }
    }

    /// One that has ended is not withdrawn any more: the record keeps how it ended.
    pub fn withdraw(self, withdrawal: Reasoned) -> Result<Self, WrongEdge> {
        let held = withdrawal.at < self.request.expires_at;
        match self.state {
            ExemptionState::Granted { approval, .. } if held => {
                Ok(Self { state: ExemptionState::Withdrawn { approval, withdrawal }, ..self })
            }
            _ => Err(self.wrong("be withdrawn", withdrawal.at)),
        }
    }

    /// What the planner is told: a granted one, even where it has ended, as it says itself until when it held.
    pub fn exemption(&self) -> Option<Exemption> {
        let ExemptionState::Granted { .. } = self.state else { return None };
        Some(Exemption {
            reason: self.request.why.reason.clone(),
            evidence: self.request.evidence.clone(),
            expires_at: self.request.expires_at,
        })
    }

    /// The reminder that is owed now: so many days before the end. The latest one alone, where a server that was away
    /// missed several; none after the end.
    pub fn reminder_due(&self, policy: &ExemptionPolicy, now: DateTime<Utc>) -> Option<u16> {
        let due = self.reminders(policy).into_iter().filter(|(_, at)| *at <= now && now < self.request.expires_at);
        due.map(|(days, _)| days).min().filter(|days| self.reminded_days().is_none_or(|sent| *days < sent))
    }

    /// Days before the end, and when that is. None that would have been due before it was granted; where that leaves none,
    /// one a day ahead, or at half of what lasts less than two days: that one counts as none ahead.
    fn reminders(&self, policy: &ExemptionPolicy) -> Vec<(u16, DateTime<Utc>)> {
        let ExemptionState::Granted { approval, .. } = &self.state else { return Vec::new() };
        let end = self.request.expires_at;
        let ahead = |days: u16| (days, end - TimeDelta::days(days.into()));
        let usual = policy.reminder_days.iter().map(|days| ahead(*days));
        let mut reminders: Vec<_> = usual.filter(|(_, at)| approval.at <= *at).collect();
        if reminders.is_empty() {
            let length = end - approval.at;
            reminders.push(if length < TimeDelta::days(2) { (0, approval.at + length / 2) } else { ahead(1) });
        }
        reminders
    }

    const fn reminded_days(&self) -> Option<u16> {
        match self.state {
            ExemptionState::Granted { reminded_days, .. } => reminded_days,
            _ => None,
        }
    }

    /// The reminder was put into the outbox.
    pub fn reminded(self, days: u16, now: DateTime<Utc>) -> Result<Self, WrongEdge> {
        match self.state {
            ExemptionState::Granted { approval, .. } => {
                Ok(Self { state: ExemptionState::Granted { approval, reminded_days: Some(days) }, ..self })
            }
            _ => Err(self.wrong("be reminded of", now)),
        }
    }

    /// When the next reminder falls due, after those that were sent; it may be due already.
    pub fn next_reminder(&self, policy: &ExemptionPolicy) -> Option<DateTime<Utc>> {
        let to_come = |days: u16| self.reminded_days().is_none_or(|sent| days < sent);
        self.reminders(policy).into_iter().filter(|(days, _)| to_come(*days)).map(|(_, at)| at).min()
    }
}

/// When it ends and what happens then, for the reminder and the page.
pub fn reminder(expires_at: DateTime<Utc>, notice_days: u16, clock: &dyn Clockface) -> String {
    format!(
        "The exemption ends on {}. From then on quality updates are planned again, each announced at least {} ahead; \
         nothing starts at once. Ask for a new exemption, with current evidence, if it has to go on.",
        clock.instant(expires_at),
        days(notice_days)
    )
}

#[cfg(test)]
#[path = "exemption_tests.rs"]
mod tests;
