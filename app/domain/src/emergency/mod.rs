//! The emergency path (rule E1, invariant I18): how a rollout goes faster when waiting does more harm than going. Gates
//! and bakes are shortened, never dropped; two named people from the policy's list approve exactly what is asked; it
//! ends by itself; what was shortened is completed out of band; a review closes it.
//! Source: seed "Emergency SDP protocols"; domain.md §9.1 "emergency rule".
//! ```text
//! Requested ─approve, twice→ Approved ─activate→ Active ─expire→ Expired ─review→ Reviewed
//!   │  ↑ └──────edit─────────────┤                  └────end───→ Ended ──review──────↑
//!   │  └─────────edit────────────┤
//!   └────────withdraw────────────┴→ Withdrawn
//! ```
//! | part | holds |
//! |---|---|
//! | [`request`] | criteria, what is asked for, the policy that bounds it |
//! | [`pace`] | what is in force just now |
//! | [`debts`] | what it owes: the shortened gates, the review, and what is overdue |
//! | [`words`] | the sentences |
//!
//! It overrides the freezes that it names and nothing else: no halt, no failed gate, no order of stations.
//! Not here: digests (services hash the request), and the gates themselves (`health`).

pub mod debts;
pub mod pace;
pub mod request;
pub mod words;

use crate::approval::{ApprovalError, Approved, Digest, Standing, Terms};
use crate::freeze::Freezes;
use crate::ids::{EmergencyId, FreezeId};
use crate::people::Reasoned;
use crate::rollout::WrongEdge;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use debts::{EmergencyFinding, GateResult, OutOfBand, Review, findings, review_due};
pub use pace::{Emergency, Pace, any_night, in_force, overridden, shortened};
pub use request::{Criterion, EmergencyPolicy, EmergencyRequest, Gate, RequestError, Shortening};

/// One time it was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    pub approvals: Vec<Approved>,
    pub since: DateTime<Utc>,
    /// Exclusive.
    pub until: DateTime<Utc>,
    /// One for each gate that was shortened.
    pub debts: Vec<OutOfBand>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum EmergencyState {
    /// Approvals given for an earlier wording stay in the record and do not count.
    Requested {
        approvals: Vec<Approved>,
    },
    Approved {
        approvals: Vec<Approved>,
    },
    Active {
        used: Use,
    },
    /// It ended by itself. Written when a server sees it; nothing depends on when that is.
    Expired {
        used: Use,
    },
    Ended {
        used: Use,
        ended: Reasoned,
    },
    /// Closed. `ended` where a person ended it.
    Reviewed {
        used: Use,
        ended: Option<Reasoned>,
        review: Review,
    },
    Withdrawn {
        withdrawn: Reasoned,
    },
}

impl EmergencyState {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Requested { .. } => "Requested",
            Self::Approved { .. } => "Approved",
            Self::Active { .. } => "Active",
            Self::Expired { .. } => "Expired",
            Self::Ended { .. } => "Ended",
            Self::Reviewed { .. } => "Reviewed",
            Self::Withdrawn { .. } => "Withdrawn",
        }
    }

    /// The form used in the database.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Requested { .. } => "requested",
            Self::Approved { .. } => "approved",
            Self::Active { .. } => "active",
            Self::Expired { .. } => "expired",
            Self::Ended { .. } => "ended",
            Self::Reviewed { .. } => "reviewed",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }

    pub const fn used(&self) -> Option<&Use> {
        match self {
            Self::Active { used } | Self::Expired { used } | Self::Ended { used, .. } | Self::Reviewed { used, .. } => {
                Some(used)
            }
            Self::Requested { .. } | Self::Approved { .. } | Self::Withdrawn { .. } => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyPath {
    pub id: EmergencyId,
    /// What is approved; its digest is theirs.
    pub request: EmergencyRequest,
    pub state: EmergencyState,
}

/// Why the path does not go on. Each names the field it belongs to through [`EmergencyError::field`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EmergencyError {
    #[error("{0}")]
    Request(RequestError),
    #[error("Only who asked for it changes it. Approve it, or ask for it to be withdrawn.")]
    NotTheRequester,
    #[error("{0}")]
    Approval(ApprovalError),
    #[error("Two named approvers have to approve what stands there now.")]
    NotApproved,
    #[error("Nothing like this was shortened.")]
    NotShortened,
    #[error("Write what was found, or say where it is written.")]
    ReviewEmpty,
    #[error("Complete the shortened gates first, whatever comes of them.")]
    DebtsOpen { gates: Vec<Gate> },
    #[error(transparent)]
    WrongEdge(#[from] WrongEdge),
}

impl EmergencyError {
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Request(error) => error.field(),
            Self::NotTheRequester => "requester",
            Self::Approval(error) => error.field(),
            Self::NotApproved => "approver",
            Self::NotShortened | Self::DebtsOpen { .. } => "gate",
            Self::ReviewEmpty => "review",
            Self::WrongEdge(_) => "state",
        }
    }
}

/// Neither the requester, nor twice the same person (rule E1).
const APPROVERS_NEEDED: u8 = 2;

impl EmergencyPath {
    fn wrong(&self, edge: &'static str) -> EmergencyError {
        WrongEdge { what: "emergency path", from: self.state.word(), edge }.into()
    }

    fn terms<'a>(&self, digest: &'a Digest, policy: &'a EmergencyPolicy) -> Terms<'a> {
        let author = self.request.why.by.id;
        Terms { digest, author, authorised: &policy.approvers, needed: APPROVERS_NEEDED }
    }

    /// How its approvals stand just now. `digest` is the request's as it stands.
    pub fn standing(&self, digest: &Digest, policy: &EmergencyPolicy) -> Standing {
        let given: &[Approved] = match &self.state {
            EmergencyState::Requested { approvals } | EmergencyState::Approved { approvals } => approvals,
            state => state.used().map_or(&[], |used| &used.approvals),
        };
        self.terms(digest, policy).standing(given)
    }

    /// By who asked for it, as long as it is not in force. Approvals stay in the record: the digest voids them.
    pub fn edit(
        self,
        request: EmergencyRequest,
        policy: &EmergencyPolicy,
        freezes: &Freezes,
    ) -> Result<Self, EmergencyError> {
        let approvals = match &self.state {
            EmergencyState::Requested { approvals } | EmergencyState::Approved { approvals } => approvals.clone(),
            _ => return Err(self.wrong("be changed")),
        };
        if request.why.by.id != self.request.why.by.id {
            return Err(EmergencyError::NotTheRequester);
        }
        let request = request.checked(policy, freezes).map_err(EmergencyError::Request)?;
        Ok(Self { request, state: EmergencyState::Requested { approvals }, ..self })
    }

    /// The second approval that counts makes it approved.
    pub fn approve(
        self,
        approval: Approved,
        digest: &Digest,
        policy: &EmergencyPolicy,
    ) -> Result<Self, EmergencyError> {
        let EmergencyState::Requested { approvals } = &self.state else { return Err(self.wrong("be approved")) };
        let standing = self.terms(digest, policy).take(approvals, &approval).map_err(EmergencyError::Approval)?;
        let mut approvals = approvals.clone();
        approvals.push(approval);
        let state = if standing.holds {
            EmergencyState::Approved { approvals }
        } else {
            EmergencyState::Requested { approvals }
        };
        Ok(Self { state, ..self })
    }

    /// From now on it is in force, until its time is up. Asked again: both approvers are still on the list, and what they
    /// approved still stands within the policy.
    pub fn activate(
        self,
        digest: &Digest,
        policy: &EmergencyPolicy,
        freezes: &Freezes,
        now: DateTime<Utc>,
    ) -> Result<Self, EmergencyError> {
        let EmergencyState::Approved { approvals } = &self.state else { return Err(self.wrong("come into force")) };
        if !self.standing(digest, policy).holds {
            return Err(EmergencyError::NotApproved);
        }
        self.request.clone().checked(policy, freezes).map_err(EmergencyError::Request)?;
        let until = now + TimeDelta::hours(self.request.lasts_hours.into());
        let owed = |gate: Gate| OutOfBand { gate, due: now + policy.due_after(gate), results: Vec::new() };
        let debts = self.request.shortening.gates().into_iter().map(owed).collect();
        let used = Use { approvals: approvals.clone(), since: now, until, debts };
        Ok(Self { state: EmergencyState::Active { used }, ..self })
    }

    pub fn expire(self, now: DateTime<Utc>) -> Result<Self, EmergencyError> {
        match self.state {
            EmergencyState::Active { used } if used.until <= now => {
                Ok(Self { state: EmergencyState::Expired { used }, ..self })
            }
            _ => Err(self.wrong("expire")),
        }
    }

    /// A person ends it before its time is up.
    pub fn end(self, ended: Reasoned) -> Result<Self, EmergencyError> {
        match self.state {
            EmergencyState::Active { used } if ended.at < used.until => {
                Ok(Self { state: EmergencyState::Ended { used, ended }, ..self })
            }
            _ => Err(self.wrong("be ended")),
        }
    }

    pub fn withdraw(self, withdrawn: Reasoned) -> Result<Self, EmergencyError> {
        match self.state {
            EmergencyState::Requested { .. } | EmergencyState::Approved { .. } => {
                Ok(Self { state: EmergencyState::Withdrawn { withdrawn }, ..self })
            }
            _ => Err(self.wrong("be withdrawn")),
        }
    }

    /// A shortened gate was completed out of band. One that failed may be run again; one that passed is done.
    pub fn complete_gate(mut self, gate: Gate, result: GateResult) -> Result<Self, EmergencyError> {
        let (EmergencyState::Active { used } | EmergencyState::Expired { used } | EmergencyState::Ended { used, .. }) =
            &mut self.state
        else {
            return Err(self.wrong("complete a gate"));
        };
        let debt = used.debts.iter_mut().find(|debt| debt.gate == gate).ok_or(EmergencyError::NotShortened)?;
        if debt.passed() {
            return Err(WrongEdge { what: "gate", from: "Passed", edge: "be completed again" }.into());
        }
        debt.results.push(result);
        Ok(self)
    }

    /// The mandatory review closes it, once every shortened gate has a result.
    pub fn review(self, review: Review) -> Result<Self, EmergencyError> {
        let (used, ended) = match &self.state {
            EmergencyState::Expired { used } => (used, None),
            EmergencyState::Ended { used, ended } => (used, Some(ended)),
            _ => return Err(self.wrong("be reviewed")),
        };
        if review.is_empty() {
            return Err(EmergencyError::ReviewEmpty);
        }
        let open: Vec<Gate> = used.debts.iter().filter(|debt| debt.results.is_empty()).map(|debt| debt.gate).collect();
        if !open.is_empty() {
            return Err(EmergencyError::DebtsOpen { gates: open });
        }
        let state = EmergencyState::Reviewed { used: used.clone(), ended: ended.cloned(), review };
        Ok(Self { state, ..self })
    }

    /// The freezes that it asks to override, by name, whether in force or not; see [`overridden`].
    pub fn names_freeze(&self, id: FreezeId) -> bool {
        self.request.overrides.contains(&id)
    }
}

#[cfg(test)]
mod tests;
