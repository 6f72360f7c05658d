//! Who does not take part, and why: the reasons of the planner without their particulars, so that they can be counted.

use super::super::planner::{Board, Seat, Standing};
use crate::ids::{CustomerId, EnvironmentId};
use crate::rollout::facts::RolloutFacts;
use crate::rollout::report::EnvironmentReason;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    Satisfied,
    OtherServiceUpdate,
    Exempt,
    PriorityBatchOff,
    ServiceUpdateDue,
    NotInShare,
    NoStation,
    NoDarkHours,
    NightTooShort,
    ProductionNotUpdated,
    SandboxFailed,
    /// A reason that this list does not name.
    Other,
}

impl LeftOut {
    pub const ALL: [Self; 12] = [
        Self::Satisfied,
        Self::OtherServiceUpdate,
        Self::Exempt,
        Self::PriorityBatchOff,
        Self::ServiceUpdateDue,
        Self::NotInShare,
        Self::NoStation,
        Self::NoDarkHours,
        Self::NightTooShort,
        Self::ProductionNotUpdated,
        Self::SandboxFailed,
        Self::Other,
    ];

    pub(super) fn of(seat: &Seat<'_>) -> Option<Self> {
        if !seat.left_out() {
            return None;
        }
        Some(match &seat.standing {
            Standing::Satisfied => Self::Satisfied,
            Standing::Skipped(reason, _) | Standing::Held(reason) => Self::of_reason(reason),
            Standing::Aboard(_) => Self::Other,
        })
    }

    const fn of_reason(reason: &EnvironmentReason) -> Self {
        match reason {
            EnvironmentReason::Satisfied { .. } => Self::Satisfied,
            EnvironmentReason::OtherServiceUpdate { .. } => Self::OtherServiceUpdate,
            EnvironmentReason::Exempt { .. } => Self::Exempt,
            EnvironmentReason::PriorityBatchOff => Self::PriorityBatchOff,
            EnvironmentReason::ServiceUpdateDue { .. } => Self::ServiceUpdateDue,
            EnvironmentReason::NotInShare { .. } => Self::NotInShare,
            EnvironmentReason::NoStation { .. } => Self::NoStation,
            EnvironmentReason::NoDarkHours { .. } => Self::NoDarkHours,
            EnvironmentReason::NightTooShort { .. } => Self::NightTooShort,
            EnvironmentReason::ProductionNotUpdated { .. } => Self::ProductionNotUpdated,
            EnvironmentReason::SandboxFailed { .. } => Self::SandboxFailed,
            _ => Self::Other,
        }
    }

    /// The form used in URLs and in the API.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::OtherServiceUpdate => "other_service_update",
            Self::Exempt => "exempt",
            Self::PriorityBatchOff => "priority_batch_off",
            Self::ServiceUpdateDue => "service_update_due",
            Self::NotInShare => "not_in_share",
            Self::NoStation => "no_station",
            Self::NoDarkHours => "no_dark_hours",
            Self::NightTooShort => "night_too_short",
            Self::ProductionNotUpdated => "production_not_updated",
            Self::SandboxFailed => "sandbox_failed",
            Self::Other => "other",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.key() == key)
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Satisfied => "Already satisfied: runs this build or a later one",
            Self::OtherServiceUpdate => "Moved to another service update",
            Self::Exempt => "Exempt",
            Self::PriorityBatchOff => "Priority-based batch scheduling is off",
            Self::ServiceUpdateDue => "Next service update is due within a week",
            Self::NotInShare => "Not in the percentage that is taken",
            Self::NoStation => "Region without a station",
            Self::NoDarkHours => "Region without dark hours",
            Self::NightTooShort => "Dark hours shorter than an update may take",
            Self::ProductionNotUpdated => "Moves with a production that is not updated",
            Self::SandboxFailed => "The update failed in one of its sandboxes",
            Self::Other => "Another reason",
        }
    }
}

/// One environment that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub environment: EnvironmentId,
    pub customer: CustomerId,
    pub name: String,
    pub region: String,
    pub reason: Option<EnvironmentReason>,
}

/// Those of these estates that are left out for this reason, in the order of their customers.
pub fn listed(facts: &RolloutFacts, now: DateTime<Utc>, why: LeftOut) -> Vec<Listed> {
    let board = Board::new(facts, now);
    let mut found: Vec<Listed> = board
        .seats
        .iter()
        .filter(|seat| LeftOut::of(seat) == Some(why))
        .map(|seat| Listed {
            environment: seat.facts.id,
            customer: seat.facts.customer,
            name: seat.facts.name.clone(),
            region: seat.facts.placement.region_name.clone(),
            reason: match &seat.standing {
                Standing::Skipped(reason, _) | Standing::Held(reason) => Some(reason.clone()),
                Standing::Satisfied => Some(EnvironmentReason::Satisfied { build: seat.facts.build }),
                Standing::Aboard(_) => None,
            },
        })
        .collect();
    found.sort_by_key(|listed| (listed.customer, listed.environment));
    found
}
