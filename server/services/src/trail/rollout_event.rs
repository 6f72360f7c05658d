//! What can happen to a rollout as a whole. Written as the details of an audit event, read back for the timeline.

use super::{EmergencyDeed, RecoveryDeed};
use domain::fleet::{StageKey, StationNumber};
use domain::ids::{EmergencyId, RecoveryId};
use domain::rollout::halt::HaltScope;
use domain::rollout::{HaltCause, RampScope};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RolloutEvent {
    Registered,
    Started,
    Approved {
        station: StationNumber,
    },
    PercentSet {
        scope: RampScope,
        percent: u8,
    },
    BuildApproved,
    BuildWithdrawn {
        reason: String,
    },
    StageOpened {
        stage: StageKey,
    },
    StagePassed {
        stage: StageKey,
    },
    Halted {
        cause: HaltCause,
    },
    Resumed {
        reason: String,
    },
    /// A halt of a part of it, or of more than it.
    HaltPlaced {
        scope: HaltScope,
        cause: HaltCause,
    },
    HaltLifted {
        scope: HaltScope,
        reason: String,
    },
    Completed,
    Emergency {
        emergency: EmergencyId,
        did: EmergencyDeed,
    },
    Recovery {
        recovery: RecoveryId,
        did: RecoveryDeed,
    },
}

impl RolloutEvent {
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Registered => "rollout.registered",
            Self::Started => "rollout.started",
            Self::Approved { .. } => "rollout.approved",
            Self::PercentSet { .. } => "rollout.percent_set",
            Self::BuildApproved => "rollout.build_approved",
            Self::BuildWithdrawn { .. } => "rollout.build_withdrawn",
            Self::StageOpened { .. } => "rollout.stage_opened",
            Self::StagePassed { .. } => "rollout.stage_passed",
            Self::Halted { .. } => "rollout.halted",
            Self::Resumed { .. } => "rollout.resumed",
            Self::HaltPlaced { .. } => "rollout.part_halted",
            Self::HaltLifted { .. } => "rollout.part_resumed",
            Self::Completed => "rollout.completed",
            Self::Emergency { did, .. } => did.action(),
            Self::Recovery { did, .. } => did.action(),
        }
    }

    /// Something is halted, or goes on: every page of staff counts what is.
    pub const fn is_of_halts(&self) -> bool {
        matches!(self, Self::Halted { .. } | Self::Resumed { .. } | Self::HaltPlaced { .. } | Self::HaltLifted { .. })
    }

    /// `by` is the name of the person, where it was one.
    pub fn sentence(&self, by: Option<&str>) -> String {
        let by = by.map(|name| format!(" by {name}")).unwrap_or_default();
        match self {
            Self::Registered => format!("Rollout registered{by}"),
            Self::Started => format!("Rollout started{by}"),
            Self::Approved { station } => format!("Station {station} approved{by}"),
            Self::PercentSet { scope, percent } => format!("{percent} % of {} take part, set{by}", scope.whom()),
            Self::BuildApproved => format!("Build approved{by}"),
            Self::BuildWithdrawn { reason } => format!("Build withdrawn{by}: {reason}"),
            Self::StageOpened { stage } => format!("{stage} opened"),
            Self::StagePassed { stage } => format!("{stage} passed"),
            Self::Halted { cause } => cause.sentence(),
            Self::Resumed { reason } => format!("Rollout resumed{by}: {reason}"),
            Self::HaltPlaced { scope, cause } => format!("{}: {}", part(*scope), cause.sentence()),
            Self::HaltLifted { scope, reason } => format!("{}: halt lifted{by}: {reason}", part(*scope)),
            Self::Completed => "Rollout completed".to_owned(),
            Self::Emergency { did, .. } => did.sentence(&by),
            Self::Recovery { did, .. } => did.sentence(&by),
        }
    }
}

/// What of it stood. A customer is not named: the page of the rollout shows whom it is.
fn part(scope: HaltScope) -> String {
    match scope {
        HaltScope::Station { station, .. } => format!("Station {station}"),
        HaltScope::Customer { .. } => "One customer".to_owned(),
        HaltScope::Rollout { .. } => "This rollout".to_owned(),
        HaltScope::Build { .. } => "Its build".to_owned(),
        HaltScope::Everything => "Everything".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::UserId;
    use uuid::Uuid;

    #[test]
    fn events_come_back_and_name_people() {
        let stage = StageKey { station: StationNumber(4), audience: domain::fleet::Audience::Sandbox };
        let person =
            HaltCause::Person { by: UserId::new(Uuid::nil()), name: "I. Lead".into(), reason: "sign-in fails".into() };
        for (event, text) in [
            (RolloutEvent::Started, "Rollout started by R. Iyer"),
            (RolloutEvent::Approved { station: StationNumber(5) }, "Station 5 approved by R. Iyer"),
            (RolloutEvent::StageOpened { stage }, "Station 4 · Sandbox opened"),
            (
                RolloutEvent::PercentSet { scope: RampScope::Stage(stage), percent: 25 },
                "25 % of Station 4 · Sandbox take part, set by R. Iyer",
            ),
            (RolloutEvent::BuildWithdrawn { reason: "wrong key".into() }, "Build withdrawn by R. Iyer: wrong key"),
            (RolloutEvent::Halted { cause: person }, "Halted by I. Lead: sign-in fails"),
            (RolloutEvent::Resumed { reason: "fixed".into() }, "Rollout resumed by R. Iyer: fixed"),
        ] {
            let read: RolloutEvent = serde_json::from_value(serde_json::to_value(&event).unwrap()).unwrap();
            assert_eq!(read, event);
            assert_eq!(event.sentence(Some("R. Iyer")), text);
        }
        assert_eq!(RolloutEvent::Completed.sentence(None), "Rollout completed");
    }
}
