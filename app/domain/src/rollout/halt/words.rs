//! The sentences of halts.

use super::{Halt, HaltEffect, HaltScope};
use crate::number::counted;
use crate::rollout::state::HaltCause;
use crate::rollout::words::lower_first;

impl HaltScope {
    /// What it stops, in words that fit every halt of that scope.
    pub fn stops(self) -> String {
        match self {
            Self::Build { .. } => "Every rollout of this build stops".to_owned(),
            Self::Rollout { .. } => "This rollout stops".to_owned(),
            Self::Station { station, .. } => format!("Station {station} of this rollout stops"),
            Self::Customer { rollout: Some(_), .. } => {
                "This rollout stops for this customer; it goes on for all others".to_owned()
            }
            Self::Customer { rollout: None, .. } => {
                "Every rollout stops for this customer; it goes on for all others".to_owned()
            }
            Self::Everything => "Every rollout stops, for everybody, until it is lifted".to_owned(),
        }
    }
}

impl Halt {
    /// `Halted by …`, and who lifted it where someone did.
    pub fn sentence(&self) -> String {
        let sentence = match self.scope {
            HaltScope::Everything => self.cause.of_everything(),
            _ => self.cause.sentence(),
        };
        match &self.lifted {
            None => sentence,
            Some(lift) => format!("{sentence}. Lifted by {}: {}", lift.by.name, lift.reason),
        }
    }
}

impl HaltCause {
    /// `All updates are halted by I. Lead: the network is down`
    pub fn of_everything(&self) -> String {
        format!("All updates are {}", lower_first(&self.sentence()))
    }

    /// Of one that is over: `All updates were halted by …`
    pub fn of_everything_then(&self) -> String {
        format!("All updates were {}", lower_first(&self.sentence()))
    }
}

impl HaltEffect {
    /// Environments that it keeps from starting or that run on.
    pub const fn affected(self) -> u32 {
        self.waiting + self.running
    }

    /// `12 environments wait; 3 updates run on and are watched; 40 environments run the build`
    pub fn sentence(self) -> String {
        let parts = [
            (self.waiting, "environment waits", "environments wait"),
            (self.running, "update runs on and is watched", "updates run on and are watched"),
            (self.updated, "environment runs the build", "environments run the build"),
            (self.failed, "environment failed", "environments failed"),
            (self.satisfied, "environment had an equal or later build", "environments had an equal or later build"),
        ];
        let said: Vec<String> =
            parts.iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| counted((*n).into(), one, many)).collect();
        if said.is_empty() { "It affects nobody yet".to_owned() } else { said.join("; ") }
    }
}
