//! What can happen to a rollout as a whole. Written as the details of an audit event, read back for the timeline.

use domain::fleet::{StageKey, StationNumber};
use domain::rollout::HaltCause;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RolloutEvent {
    Registered,
    Started,
    Approved { station: StationNumber },
    StageOpened { stage: StageKey },
    StagePassed { stage: StageKey },
    Halted { cause: HaltCause },
    Resumed { reason: String },
    Completed,
}

impl RolloutEvent {
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Registered => "rollout.registered",
            Self::Started => "rollout.started",
            Self::Approved { .. } => "rollout.approved",
            Self::StageOpened { .. } => "rollout.stage_opened",
            Self::StagePassed { .. } => "rollout.stage_passed",
            Self::Halted { .. } => "rollout.halted",
            Self::Resumed { .. } => "rollout.resumed",
            Self::Completed => "rollout.completed",
        }
    }

    /// `by` is the name of the person, where it was one.
    pub fn sentence(&self, by: Option<&str>) -> String {
        let by = by.map(|name| format!(" by {name}")).unwrap_or_default();
        match self {
            Self::Registered => format!("Rollout registered{by}"),
            Self::Started => format!("Rollout started{by}"),
            Self::Approved { station } => format!("Station {station} approved{by}"),
            Self::StageOpened { stage } => format!("{stage} opened"),
            Self::StagePassed { stage } => format!("{stage} passed"),
            Self::Halted { cause } => cause.sentence(),
            Self::Resumed { reason } => format!("Rollout resumed{by}: {reason}"),
            Self::Completed => "Rollout completed".to_owned(),
        }
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
