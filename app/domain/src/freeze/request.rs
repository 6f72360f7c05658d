//! Who may freeze what. Staff freeze any scope; customers freeze their own estate or one environment of it, for a time
//! and not again at once. The limits follow the pause rules of domain.md §5.3 ("at most one consecutive", "until 4 h
//! before the downtime window", none for who is "more than two updates behind"), as data.

use super::scope::FreezeScope;
use super::span::Span;
use super::{Freeze, FreezeOwner, FreezeState};
use crate::calendar::Night;
use crate::ids::{CustomerId, EnvironmentId, FreezeId};
use crate::people::{Person, ReasonError, reason};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What a customer may freeze for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerFreezePolicy {
    /// Frozen nights in a row. Spans with fewer than `rest_nights_min` free nights between them count as one row.
    pub nights_max: u16,
    pub rest_nights_min: u16,
    /// Hours before the start of an announced night in which it cannot be frozen any more.
    pub lead_hours: u16,
    /// Quality updates that an environment may be behind the latest one of its service update.
    pub behind_max: u16,
}

impl CustomerFreezePolicy {
    /// 14 nights are one biweekly train, as a customer may pause one update in a row; 14 nights of rest let the next
    /// train through (domain.md §1.2, §5.3). 4 h and two behind: §5.3.
    pub const DEFAULT: Self = Self { nights_max: 14, rest_nights_min: 14, lead_hours: 4, behind_max: 2 };
}

/// Who asks, with what is known of it.
#[derive(Debug, Clone, Copy)]
pub enum Requester<'a> {
    Staff,
    Customer {
        customer: CustomerId,
        /// Of this customer.
        environments: &'a [EnvironmentId],
        /// All freezes that this customer set.
        own: &'a [Freeze],
        /// Announced nights of the environments in the scope asked for.
        announced: &'a [Night],
        /// How many quality updates the one furthest behind, in the scope asked for, is behind.
        behind: u16,
        policy: CustomerFreezePolicy,
    },
}

/// What the form says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeRequest {
    pub scope: FreezeScope,
    pub span: Span,
    pub reason: String,
}

/// Why a freeze is refused. Each names the field it belongs to through [`FreezeError::field`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "refused", rename_all = "snake_case")]
pub enum FreezeError {
    #[error("Choose one of your environments, or all of them.")]
    NotYours,
    #[error("{error}")]
    Reason { error: ReasonError },
    #[error("It is over already.")]
    Over,
    #[error("At most {nights_max} nights can be frozen in a row.")]
    TooLong { nights_max: u16 },
    #[error(
        "Together with a freeze close by, these are more than {nights_max} nights in a row. Leave {rest_nights_min} nights free between them."
    )]
    TooSoonAfterAnother { nights_max: u16, rest_nights_min: u16 },
    #[error("The night of {} begins in less than {lead_hours} hours. Begin the freeze after it.", .night.date)]
    TooLate { night: Night, lead_hours: u16 },
    #[error("An environment is {behind} quality updates behind; with more than {behind_max} none can be put off.")]
    TooFarBehind { behind: u16, behind_max: u16 },
}

impl FreezeError {
    pub const fn field(self) -> &'static str {
        match self {
            Self::NotYours | Self::TooFarBehind { .. } => "scope",
            Self::Reason { .. } => "reason",
            Self::TooLate { .. } => "first",
            Self::Over | Self::TooLong { .. } | Self::TooSoonAfterAnother { .. } => "last",
        }
    }
}

impl FreezeRequest {
    /// Makes the freeze, or says the first thing that stands against it.
    pub fn set(
        self,
        id: FreezeId,
        set_by: Person,
        requester: &Requester<'_>,
        now: DateTime<Utc>,
    ) -> Result<Freeze, FreezeError> {
        let reason = reason(&self.reason).map_err(|error| FreezeError::Reason { error })?;
        let today = now.date_naive();
        if self.span.is_over(now) {
            return Err(FreezeError::Over);
        }
        let owner = match requester {
            Requester::Staff => FreezeOwner::Vendor,
            Requester::Customer { customer, environments, own, announced, behind, policy } => {
                self.is_own(*customer, environments)?;
                policy.check_nights(&self, own, today)?;
                policy.check_lead(self.span, announced, now)?;
                policy.check_behind(*behind)?;
                FreezeOwner::Customer { customer: *customer }
            }
        };
        let state = FreezeState::Set;
        Ok(Freeze { id, scope: self.scope, span: self.span, reason, owner, set_by, set_at: now, state })
    }

    fn is_own(&self, customer: CustomerId, environments: &[EnvironmentId]) -> Result<(), FreezeError> {
        let own = match &self.scope {
            FreezeScope::Customer { customer: of } => *of == customer,
            FreezeScope::Environment { environment } => environments.contains(environment),
            FreezeScope::Global | FreezeScope::Cloud { .. } | FreezeScope::Region { .. } => false,
        };
        if own { Ok(()) } else { Err(FreezeError::NotYours) }
    }
}

/// Two years hold every yearly span twice, with both of its neighbours.
const ROW_DAYS: i64 = 2 * 366;

impl CustomerFreezePolicy {
    fn check_nights(self, request: &FreezeRequest, own: &[Freeze], today: NaiveDate) -> Result<(), FreezeError> {
        let Self { nights_max, rest_nights_min, .. } = self;
        let from = request.span.at_or_after(today).map_or(today, |(first, _)| first);
        let first = from.checked_sub_signed(TimeDelta::days(ROW_DAYS / 2)).unwrap_or(NaiveDate::MIN);
        let last = from.checked_add_signed(TimeDelta::days(ROW_DAYS)).unwrap_or(NaiveDate::MAX);
        let row = |others: &[&Freeze]| {
            let nights = first.iter_days().take_while(|night| *night <= last);
            longest_row(
                nights.map(|night| request.span.covers(night) || others.iter().any(|freeze| freeze.span.covers(night))),
                rest_nights_min,
            )
        };
        if row(&[]) > u32::from(nights_max) {
            return Err(FreezeError::TooLong { nights_max });
        }
        let others: Vec<&Freeze> = own
            .iter()
            .filter(|freeze| freeze.state == FreezeState::Set && meet(&freeze.scope, &request.scope))
            .collect();
        if row(&others) > u32::from(nights_max) {
            return Err(FreezeError::TooSoonAfterAnother { nights_max, rest_nights_min });
        }
        Ok(())
    }

    fn check_lead(self, span: Span, announced: &[Night], now: DateTime<Utc>) -> Result<(), FreezeError> {
        let lead = TimeDelta::hours(self.lead_hours.into());
        let near = announced.iter().find(|night| span.covers(night.date) && night.start < now + lead);
        match near {
            Some(night) => Err(FreezeError::TooLate { night: *night, lead_hours: self.lead_hours }),
            None => Ok(()),
        }
    }

    const fn check_behind(self, behind: u16) -> Result<(), FreezeError> {
        if behind > self.behind_max {
            Err(FreezeError::TooFarBehind { behind, behind_max: self.behind_max })
        } else {
            Ok(())
        }
    }
}

/// Of one customer: some environment is in both scopes.
fn meet(one: &FreezeScope, other: &FreezeScope) -> bool {
    match (one, other) {
        (FreezeScope::Environment { environment: one }, FreezeScope::Environment { environment: other }) => {
            one == other
        }
        _ => true,
    }
}

/// The most covered nights that follow each other with fewer than `rest` free nights between them.
fn longest_row(nights: impl Iterator<Item = bool>, rest: u16) -> u32 {
    let (mut longest, mut row, mut free) = (0_u32, 0_u32, 0_u16);
    for covered in nights {
        if covered {
            (row, free) = (row + 1, 0);
            longest = longest.max(row);
        } else {
            free = free.saturating_add(1);
            if free >= rest {
                row = 0;
            }
        }
    }
    longest
}
