//! The month and the list of what happens to a customer's environments.

use super::signal::{UpdateStateWord, When};
use crate::ids::EnvironmentId;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CalendarParams {
    /// `2026-10`; empty is the month of now in the viewer's zone.
    pub month: String,
    pub environment: Option<EnvironmentId>,
    /// `month` (default) or `list`.
    pub layout: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BarStyle {
    /// A committed night.
    Solid,
    /// The window is known, the night is not chosen.
    Hatched,
    /// Announced, in a rollout that is halted.
    Halted,
    /// Where it was before it moved.
    Struck,
    Done,
    Failed,
    /// The last day of a service update.
    EndOfService,
    /// A freeze: nothing starts in this night.
    Frozen,
    /// The day on which its owner takes the next service update.
    ServiceUpdate,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarBar {
    pub style: BarStyle,
    /// `UAT 00:00`
    pub text: String,
    pub href: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarDay {
    /// ISO date in the viewer's zone.
    pub date: String,
    pub number: u32,
    /// `Mon 5 Oct 2026`
    pub label: String,
    pub in_month: bool,
    pub is_today: bool,
    pub bars: Vec<CalendarBar>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaRow {
    /// A night, or the dates of a window whose night is not chosen.
    pub when: When,
    pub environment: Option<(EnvironmentId, String)>,
    pub train: String,
    pub state: Option<UpdateStateWord>,
    /// What it means, and the reason of a move or a hold.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarView {
    /// `October 2026`
    pub title: String,
    pub month: String,
    pub previous: String,
    pub next: String,
    pub today: String,
    /// Monday first.
    pub weeks: Vec<Vec<CalendarDay>>,
    pub agenda: Vec<AgendaRow>,
    pub environments: Vec<(EnvironmentId, String)>,
    pub environment: Option<EnvironmentId>,
    pub zone: String,
}
