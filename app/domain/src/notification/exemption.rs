//! Letters about exemptions: no train brings them. Their kinds are those of the filters that a reader knows.

use super::Subject;
use super::words::Letter;
use crate::clockface::Clockface;
use crate::fleet::exemption::reminder;
use crate::wire::notification::NotificationKind;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "exemption", rename_all = "snake_case")]
pub enum ExemptionEvent {
    Granted { until: DateTime<Utc>, by: String },
    Refused { by: String, reason: String },
    Withdrawn { by: String, reason: String },
    EndsSoon { until: DateTime<Utc>, notice_days: u16 },
}

impl ExemptionEvent {
    pub const fn kind(&self) -> NotificationKind {
        match self {
            Self::Granted { .. } | Self::Refused { .. } => NotificationKind::Skipped,
            Self::Withdrawn { .. } => NotificationKind::Resumed,
            Self::EndsSoon { .. } => NotificationKind::Scheduled,
        }
    }
}

/// What is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionLetter {
    pub subject: Subject,
    #[serde(flatten)]
    pub event: ExemptionEvent,
}

impl ExemptionLetter {
    pub fn letter(&self, clock: &dyn Clockface) -> Letter {
        let name = &self.subject.name;
        let by_reason = |by: &str, reason: &str| vec![fact("By", by), fact("Reason", reason)];
        let (title, what, meaning, action, facts) = match &self.event {
            ExemptionEvent::Granted { until, by } => {
                let until = clock.instant(*until);
                (
                    format!("{name} is exempt until {until}"),
                    format!("{by} granted the exemption of {name} from quality updates."),
                    format!(
                        "No quality update is pushed to it until {until}. A train that is under way leaves it out."
                    ),
                    "Nothing for you to do. You are reminded before it ends.".to_owned(),
                    vec![fact("Until", &until), fact("By", by)],
                )
            }
            ExemptionEvent::Refused { by, reason } => (
                format!("The exemption of {name} is refused"),
                format!("{by} refused the exemption of {name} from quality updates: {}", stopped(reason)),
                "Quality updates go on as planned.".to_owned(),
                "Ask again, with other evidence, if it is needed all the same.".to_owned(),
                by_reason(by, reason),
            ),
            ExemptionEvent::Withdrawn { by, reason } => (
                format!("{name} is not exempt any more"),
                format!("{by} withdrew the exemption of {name}: {}", stopped(reason)),
                "Quality updates are planned again, each announced ahead; nothing starts at once.".to_owned(),
                "Nothing for you to do. Ask for a new exemption, with current evidence, if it has to go on.".to_owned(),
                by_reason(by, reason),
            ),
            ExemptionEvent::EndsSoon { until, notice_days } => (
                format!("The exemption of {name} ends on {}", clock.instant(*until)),
                format!("{name} is exempt from quality updates until {}.", clock.instant(*until)),
                reminder(*until, *notice_days, clock),
                "Ask for a new exemption in time, if it has to go on. Otherwise nothing for you to do.".to_owned(),
                vec![fact("Until", &clock.instant(*until))],
            ),
        };
        Letter { summary: what.clone(), title, what, meaning, action, facts }
    }
}

fn fact(label: &str, value: &str) -> (String, String) {
    (label.to_owned(), value.to_owned())
}

fn stopped(text: &str) -> String {
    format!("{}.", text.trim_end().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clockface::UtcClockface;
    use crate::fleet::EnvironmentKind;
    use crate::ids::EnvironmentId;
    use crate::notification::{Message, NotificationPayload};
    use uuid::Uuid;

    #[test]
    fn each_letter_says_what_happened_and_what_to_do_and_is_read_back() {
        let until: DateTime<Utc> = "2026-12-31T00:00:00Z".parse().unwrap();
        let (by, reason) = (|| "Ada".to_owned(), || "The plan is outdated.".to_owned());
        for event in [
            ExemptionEvent::Granted { until, by: by() },
            ExemptionEvent::Refused { by: by(), reason: reason() },
            ExemptionEvent::Withdrawn { by: by(), reason: reason() },
            ExemptionEvent::EndsSoon { until, notice_days: 5 },
        ] {
            let environment = EnvironmentId::new(Uuid::nil());
            let subject = Subject { environment, name: "PROD".into(), kind: EnvironmentKind::Production };
            let stored = ExemptionLetter { subject, event };
            let letter = stored.letter(&UtcClockface);
            assert!(letter.title.contains("PROD") && !letter.what.contains(".."), "{letter:?}");
            assert!(letter.what.ends_with('.') && letter.meaning.ends_with('.') && letter.action.ends_with('.'));
            let value = serde_json::to_value(&stored).unwrap();
            assert_eq!(serde_json::from_value::<Message>(value.clone()).unwrap(), Message::OfExemption(stored));
            assert!(serde_json::from_value::<NotificationPayload>(value).is_err());
        }
    }
}
