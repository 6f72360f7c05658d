//! Freezes: spans of nights in which nothing starts and nothing is promoted. A freeze always wins: over windows,
//! approvals and the end of an exemption. Only the emergency path overrides one, by naming it (see `emergency`).
//! Source: DESIGN §4 "order of checks"; style.md §7 `Freeze`; the holiday freezes of domain.md §1.3.
//!
//! | part | holds |
//! |---|---|
//! | [`span`] | which nights, once or every year |
//! | [`scope`] | whose environments |
//! | [`request`] | who may freeze what, and the limits of customers |
//! | [`preview`] | what a freeze would hold back |
//! | [`words`] | its sentences |
//!
//! Nights are named by published dates (`calendar::Night::date`), so a freeze needs no zone: it covers the night of the
//! 24th wherever that night lies in hours. An update that runs when a freeze begins goes on to its end.
//! Not here: what the planner makes of it.

pub mod preview;
pub mod request;
pub mod scope;
pub mod span;
pub mod words;

use crate::ids::{CustomerId, FreezeId};
use crate::people::{Person, Reasoned};
use crate::rollout::WrongEdge;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use preview::{FreezePreview, PlannedNight};
pub use request::{CustomerFreezePolicy, FreezeError, FreezeRequest, Requester};
pub use scope::{FreezeScope, Place};
pub use span::{MonthDay, Span, SpanError};

/// Who set a freeze, and so who may lift it: the vendor does not lift what a customer set, nor the other way round
/// (domain.md §9.5: "a tenant pause cannot be overridden by the service").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "owner", rename_all = "snake_case")]
pub enum FreezeOwner {
    Vendor,
    Customer { customer: CustomerId },
}

/// Stored. Planned, active and over follow from the date: see [`Freeze::phase`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FreezeState {
    Set,
    /// It stays in the record, and covers nothing any more.
    Lifted {
        lift: Reasoned,
    },
}

/// What a freeze is on a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FreezePhase {
    Planned,
    Active,
    Over,
    Lifted,
}

impl FreezePhase {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "Planned",
            Self::Active => "Active",
            Self::Over => "Over",
            Self::Lifted => "Lifted",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    pub id: FreezeId,
    pub scope: FreezeScope,
    pub span: Span,
    pub reason: String,
    pub owner: FreezeOwner,
    pub set_by: Person,
    pub set_at: DateTime<Utc>,
    pub state: FreezeState,
}

/// Why a freeze is not lifted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LiftError {
    #[error("Only who set a freeze lifts it. This one was set by the other side.")]
    NotYours,
    #[error(transparent)]
    WrongEdge(#[from] WrongEdge),
}

impl Freeze {
    pub fn phase(&self, date: NaiveDate) -> FreezePhase {
        if matches!(self.state, FreezeState::Lifted { .. }) {
            FreezePhase::Lifted
        } else if self.span.covers(date) {
            FreezePhase::Active
        } else if self.span.ends_after(date) {
            FreezePhase::Planned
        } else {
            FreezePhase::Over
        }
    }

    /// Nothing starts in the night of this date, at this place, because of this freeze.
    pub fn holds(&self, place: Place<'_>, date: NaiveDate) -> bool {
        self.state == FreezeState::Set && self.scope.applies_to(place) && self.span.covers(date)
    }

    /// Lifted by a named person of the side that set it. `today` only tells whether it is over. Notice (rule N1) is owed
    /// anew for whatever starts afterwards, so a lift surprises nobody and needs no lead of its own.
    pub fn lift(self, side: FreezeOwner, lift: Reasoned, today: NaiveDate) -> Result<Self, LiftError> {
        if side != self.owner {
            return Err(LiftError::NotYours);
        }
        match self.phase(today) {
            FreezePhase::Planned | FreezePhase::Active => Ok(Self { state: FreezeState::Lifted { lift }, ..self }),
            phase @ (FreezePhase::Over | FreezePhase::Lifted) => {
                Err(WrongEdge { what: "freeze", from: phase.word(), edge: "be lifted" }.into())
            }
        }
    }
}

/// Two years: a yearly freeze leaves a night free every year, so only several that meet can go on for longer.
const SEARCH_DAYS_MAX: i64 = 2 * 366;

/// All freezes that may matter, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Freezes(Vec<Freeze>);

impl FromIterator<Freeze> for Freezes {
    fn from_iter<I: IntoIterator<Item = Freeze>>(freezes: I) -> Self {
        Self(freezes.into_iter().collect())
    }
}

impl Freezes {
    pub fn iter(&self) -> impl Iterator<Item = &Freeze> {
        self.0.iter()
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, id: FreezeId) -> Option<&Freeze> {
        self.0.iter().find(|freeze| freeze.id == id)
    }

    /// Without those that an emergency path in force overrides. It names each: a freeze it does not name still wins.
    #[must_use]
    pub fn without(&self, overridden: &[FreezeId]) -> Self {
        self.0.iter().filter(|freeze| !overridden.contains(&freeze.id)).cloned().collect()
    }

    /// The freeze that holds this night at this place. Where several do, the one that ends last is named.
    pub fn covering(&self, place: Place<'_>, date: NaiveDate) -> Option<&Freeze> {
        self.0.iter().filter(|freeze| freeze.holds(place, date)).max_by_key(|freeze| freeze.span.covered_until(date))
    }

    /// The freeze of everybody that covers this date; the one that ends last, where several do.
    pub fn of_everybody(&self, date: NaiveDate) -> Option<&Freeze> {
        let global = |freeze: &&Freeze| freeze.state == FreezeState::Set && freeze.scope == FreezeScope::Global;
        let covering = self.0.iter().filter(global).filter(|freeze| freeze.span.covers(date));
        covering.max_by_key(|freeze| freeze.span.covered_until(date))
    }

    /// The first night from `date` on that no freeze holds at this place. `None` where freezes meet for two years.
    pub fn free_from(&self, place: Place<'_>, date: NaiveDate) -> Option<NaiveDate> {
        let horizon = date.checked_add_signed(TimeDelta::days(SEARCH_DAYS_MAX)).unwrap_or(NaiveDate::MAX);
        let mut night = date;
        while let Some(freeze) = self.covering(place, night) {
            // each step leaves one span behind, so it ends
            night = freeze.span.next_free(night).filter(|next| *next <= horizon)?;
        }
        Some(night)
    }
}

#[cfg(test)]
mod tests;
