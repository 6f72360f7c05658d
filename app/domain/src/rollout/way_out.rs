//! What comes after a reason: from when on it can change by itself, and what a reader can do about it. Beside the sentence
//! of the reason (`words`), on the page and in the letter alike. Only who waits for a date or can do something is told so;
//! everything else settles in the order of the train.

use super::report::EnvironmentReason;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// The part of an environment's page on which something can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PagePart {
    Planning,
    Exemption,
}

impl PagePart {
    /// The id of its panel.
    pub const fn anchor(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Exemption => "exemption",
        }
    }
}

/// What can be done, and where, if it can be done here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayOut {
    pub text: &'static str,
    pub at: Option<PagePart>,
}

const fn here(part: PagePart, text: &'static str) -> WayOut {
    WayOut { text, at: Some(part) }
}

const fn elsewhere(text: &'static str) -> WayOut {
    WayOut { text, at: None }
}

fn midnight_after(date: NaiveDate) -> Option<DateTime<Utc>> {
    Some(date.succ_opt()?.and_hms_opt(0, 0, 0)?.and_utc())
}

impl EnvironmentReason {
    /// When it can be over at the earliest, where the reason itself knows.
    pub fn next(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Exempt { expires_at, .. } => Some(*expires_at),
            Self::ServiceUpdateDue { on } => midnight_after(*on),
            Self::Frozen { until: Some(until), .. } => midnight_after(*until),
            Self::NightAhead { night } => Some(night.start),
            Self::NightNotChosen { window, ahead_days } => {
                let first = window.first.and_hms_opt(0, 0, 0)?.and_utc();
                first.checked_sub_signed(TimeDelta::days((*ahead_days).into()))
            }
            Self::GapToSandbox { sandbox_night, days } => {
                sandbox_night.start.checked_add_signed(TimeDelta::days((*days).into()))
            }
            _ => None,
        }
    }

    /// `None` where nobody who reads this has to do anything.
    pub const fn way_out(&self) -> Option<WayOut> {
        Some(match self {
            Self::PriorityBatchOff => here(
                PagePart::Planning,
                "Switch on priority-based batch scheduling in the environment itself, then tick it on its page under “How \
                 is it planned?”; while this train is under way, it then takes part again by itself",
            ),
            Self::ServiceUpdateDue { .. } => here(
                PagePart::Planning,
                "If the service update comes on another day, or not at all, change its date on its page under “How is it \
                 planned?”",
            ),
            Self::NoNight => {
                here(PagePart::Planning, "Choose more nights of the week on its page under “How is it planned?”")
            }
            Self::ChosenWeekdays => here(PagePart::Planning, "Other nights can be chosen under “How is it planned?”"),
            Self::WeekendOnly => here(PagePart::Planning, "Weekdays can be chosen under “How is it planned?”"),
            Self::Exempt { .. } => {
                here(PagePart::Exemption, "If it is not needed any more, ask for it to be withdrawn")
            }
            Self::NoStation { .. } | Self::NoDarkHours { .. } | Self::NightTooShort { .. } => {
                elsewhere("Nothing for you to do; the operator has it on a list")
            }
            Self::AttemptsUsed { .. } => elsewhere("Ask support to look at it, and name the train"),
            Self::SandboxFailed { .. } => elsewhere(
                "If the build is healthy there, let the sandbox's agent say so; else ask support to look at it, and name the train",
            ),
            Self::ProductionNotUpdated { .. } => {
                elsewhere("The page of that production says what it waits for; or designate this sandbox otherwise")
            }
            Self::Satisfied { .. }
            | Self::OtherServiceUpdate { .. }
            | Self::NotInShare { .. }
            | Self::NotStarted
            | Self::RolloutHalted
            | Self::Halted { .. }
            | Self::Frozen { .. }
            | Self::StageClosed { .. }
            | Self::NightNotChosen { .. }
            | Self::NightAhead { .. }
            | Self::WaitsForProduction { .. }
            | Self::WaitsForSandbox { .. }
            | Self::GapToSandbox { .. }
            | Self::Cap { .. }
            | Self::WindowTooShort { .. }
            | Self::HoursChanged
            | Self::BusyElsewhere
            | Self::Clash { .. }
            | Self::StageTurn { .. }
            | Self::EarlyOptIn
            | Self::PulledAhead { .. }
            | Self::MovesWithProduction { .. }
            | Self::MovesWithSandboxes { .. }
            | Self::KeepsGapForProduction { .. }
            | Self::NoticePeriod { .. }
            | Self::ShortNotice { .. }
            | Self::AnyNight { .. }
            | Self::NotNamed
            | Self::BuildNotApproved { .. }
            | Self::ApprovalMissing { .. }
            | Self::OrderWaits { .. }
            | Self::NightFrozen { .. }
            | Self::RunningNow { .. } => return None,
        })
    }
}

#[cfg(test)]
#[path = "way_out_tests.rs"]
mod tests;
