//! The emergency path of a rollout: what may be asked for, what stands, what is owed.

use super::signal::{Aspect, ColourRole, When};
use crate::ids::{EmergencyId, FreezeId, RolloutId, UserId};
use serde::{Deserialize, Serialize};

/// What is asked for, as typed. An empty number is as usual; an unticked box and a field that is not there send nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EmergencyForm {
    pub rollout: Option<RolloutId>,
    pub confirmed: String,
    pub criterion: String,
    pub severity: String,
    pub reason: String,
    pub bake_hours: String,
    pub covered_hours: String,
    pub samples: String,
    pub notice_hours: String,
    pub gap_days: String,
    pub any_night: String,
    pub lasts_hours: String,
    pub change_scrutiny: String,
    pub smoke_tests: String,
    pub integration_tests: String,
    /// Each by name; what is not named still wins.
    pub overrides: Vec<FreezeId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceRow {
    pub key: String,
    pub label: String,
}

/// What the form may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyTerms {
    pub criteria: Vec<ChoiceRow>,
    /// From the least severe on for which it is there.
    pub severities: Vec<ChoiceRow>,
    pub bake_hours_default: u16,
    pub bake_hours_min: u16,
    /// Where telemetry is looked at.
    pub telemetry: Option<(u16, u32)>,
    pub notice_hours_min: u16,
    pub gap_days_min: u16,
    pub lasts_hours_max: u16,
    /// Named people who may approve.
    pub approvers: Vec<String>,
    pub freezes: Vec<(FreezeId, String)>,
    /// `Each station bakes for 24 hours; …`
    pub usual: String,
}

/// A shortened gate, to be completed out of band.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DebtRow {
    pub key: String,
    pub title: String,
    pub due: When,
    pub results: Vec<String>,
    pub aspect: Aspect,
    pub may_complete: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyView {
    pub id: EmergencyId,
    pub state: String,
    pub aspect: Aspect,
    pub role: ColourRole,
    pub criterion: String,
    pub severity: String,
    pub reason: String,
    pub asked_by: String,
    pub asked: When,
    /// What is shortened, and to what.
    pub shortened: Vec<String>,
    pub overrides: Vec<String>,
    pub lasts_hours: u16,
    /// `Approved by Ada; one more is needed`
    pub standing: String,
    /// Of what stands there: an approval is given for this and nothing else.
    pub digest: String,
    pub until: Option<When>,
    /// Empty where this person may approve it.
    pub why_not: String,
    pub may_end: bool,
    pub may_withdraw: bool,
    pub debts: Vec<DebtRow>,
    pub review: Option<String>,
    pub review_due: Option<When>,
    pub may_review: bool,
}

/// Something that a path of any rollout owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwedRow {
    pub rollout: RolloutId,
    pub train: String,
    pub text: String,
    pub overdue: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyPageView {
    pub rollout: RolloutId,
    pub train: String,
    pub build: String,
    /// This person may ask now; else why not.
    pub may_request: bool,
    pub why_not: String,
    pub terms: EmergencyTerms,
    /// Newest first.
    pub paths: Vec<EmergencyView>,
    /// Of all rollouts, until it is written.
    pub owed: Vec<OwedRow>,
    /// For the operator: everybody who may be put on the list, and whether they are.
    pub staff: Vec<(UserId, String, bool)>,
}
