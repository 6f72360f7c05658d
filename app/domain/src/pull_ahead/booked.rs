//! A pull that was accepted. The update keeps it until it has run or does not take place, and with it what the update was
//! before, so that taking it back, or losing its night, leaves everything as its owner knew it.

use crate::calendar::Night;
use crate::people::Person;
use crate::rollout::{EnvironmentReason, MoveReason, UpdateState, WrongEdge};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The night it was booked for is the update's own, as long as it is booked; of an update that is over it is kept here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    pub by: Person,
    pub at: DateTime<Utc>,
    pub before: Box<UpdateState>,
    /// `None` where it was booked by a program that did not keep it.
    #[serde(default)]
    pub night: Option<Night>,
}

impl Booked {
    pub fn new(by: Person, at: DateTime<Utc>, before: UpdateState, night: Night) -> Self {
        Self { by, at, before: Box::new(before), night: Some(night) }
    }

    /// What a healthy update becomes: what its owner took ahead is no success of the push, which finds it there.
    pub fn confirm(
        booked: Option<&Self>,
        verifying: UpdateState,
        now: DateTime<Utc>,
    ) -> Result<UpdateState, WrongEdge> {
        match booked {
            Some(booked) => verifying.confirm_pulled(booked.replaces(), now),
            None => verifying.confirm(now),
        }
    }

    /// The announced night that the later push does not need.
    pub fn replaces(&self) -> Option<Night> {
        self.before.night()
    }

    pub fn reason(&self) -> EnvironmentReason {
        EnvironmentReason::PulledAhead { by: self.by.name.clone(), replaces: self.replaces() }
    }

    /// Why an announced night was changed.
    pub fn move_reason(&self) -> MoveReason {
        MoveReason::PulledAhead { by: self.by.name.clone() }
    }
}
