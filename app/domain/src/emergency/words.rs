//! The sentences of the emergency path.

use super::debts::EmergencyFinding;
use super::pace::{Pace, in_force};
use super::{EmergencyPath, EmergencyState, Shortening};
use crate::clockface::Clockface;
use crate::number::{counted, days};
use chrono::{DateTime, Utc};

fn hours(number: u16) -> String {
    counted(number.into(), "hour", "hours")
}

impl Shortening {
    /// What is asked for, one phrase each: `bake time 6 hours a station`.
    pub fn phrases(&self) -> Vec<String> {
        let mut said = Vec::new();
        said.extend(self.bake_hours.map(|n| format!("bake time {} a station", hours(n))));
        said.extend(self.covered_hours.map(|n| format!("telemetry over {}", hours(n))));
        said.extend(
            self.samples.map(|n| counted(n.into(), "report for the health gate", "reports for the health gate")),
        );
        said.extend(self.notice_hours.map(|n| format!("notice {} ahead", hours(n))));
        said.extend(self.gap_days.map(|n| format!("production {} after its sandboxes", days(n))));
        said.extend(self.any_night.then(|| "any night instead of the published windows".to_owned()));
        said.extend(self.reduced.iter().map(|gate| format!("{} in part now, the rest out of band", gate.word())));
        said
    }
}

impl Pace {
    /// What the gate does not ask for is left out.
    pub fn sentence(self) -> String {
        let samples = (self.samples > 0).then(|| counted(self.samples.into(), "report", "reports"));
        let covered = (self.covered_hours > 0).then(|| format!("telemetry over {}", hours(self.covered_hours)));
        let needed: Vec<String> = samples.into_iter().chain(covered).collect();
        let gate =
            if needed.is_empty() { String::new() } else { format!("its health gate needs {}; ", needed.join(" and ")) };
        let (bake, notice, gap) = (hours(self.bake_hours), hours(self.notice_hours), days(self.gap_days));
        let nights = if self.any_night { "on any night" } else { "in the published windows" };
        format!(
            "Each station bakes for {bake}; {gate}customers are told {notice} ahead; production follows its sandboxes by {gap}, {nights}"
        )
    }
}

impl EmergencyPath {
    /// What it is for, what it does, and where it stands.
    pub fn sentence(&self, clock: &dyn Clockface, now: DateTime<Utc>) -> String {
        let request = &self.request;
        let mut does = request.shortening.phrases();
        if !request.overrides.is_empty() {
            does.push(format!("{} overridden", counted(request.overrides.len() as u64, "freeze", "freezes")));
        }
        let what = format!("{} ({}): {}", request.criterion.word(), request.why.reason, does.join(", "));
        let stands = match &self.state {
            EmergencyState::Active { used } if in_force(self, now) => {
                format!("In force until {}", clock.instant(used.until))
            }
            EmergencyState::Active { used } | EmergencyState::Expired { used } => {
                format!("Expired on {}; a review is owed", clock.instant(used.until))
            }
            EmergencyState::Ended { ended, .. } => format!("Ended by {}; a review is owed", ended.by.name),
            EmergencyState::Reviewed { review, .. } => format!("Closed by the review of {}", review.by.name),
            EmergencyState::Withdrawn { withdrawn } => format!("Withdrawn by {}", withdrawn.by.name),
            EmergencyState::Requested { .. } => format!("Asked for by {}", request.why.by.name),
            EmergencyState::Approved { .. } => "Approved, not in force yet".to_owned(),
        };
        format!("{what}. {stands}")
    }
}

impl EmergencyFinding {
    pub fn sentence(self, clock: &dyn Clockface) -> String {
        match self {
            Self::GateOverdue { gate, due } => {
                format!("Shortened, and not completed out of band since {}: {}", clock.instant(due), gate.word())
            }
            Self::GateFailed { gate, at } => {
                format!("Shortened, and failed out of band on {}: {}", clock.instant(at), gate.word())
            }
            Self::ReviewOverdue { due } => format!("The review was due on {}", clock.instant(due)),
        }
    }
}
