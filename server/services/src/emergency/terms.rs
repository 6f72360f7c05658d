//! What the form may ask for: the policy, the freezes that stand, the names on the list.

use super::Desk;
use crate::zone::ZoneClockface;
use domain::emergency::{Criterion, Pace};
use domain::freeze::Freeze;
use domain::severity::Severity;
use domain::wire::emergency::{ChoiceRow, EmergencyTerms};
use store::rollout::Rollout;
use store::user::User;

pub(super) fn terms(desk: &Desk, rollout: &Rollout, staff: &[User], clock: ZoneClockface) -> EmergencyTerms {
    let policy = &desk.policy;
    let choice = |key: &str, label: &str| ChoiceRow { key: key.to_owned(), label: label.to_owned() };
    let severities = Severity::ALL.into_iter().filter(|severity| *severity >= policy.severity_min);
    let named = staff.iter().filter(|user| policy.approvers.contains(&user.id));
    EmergencyTerms {
        criteria: Criterion::ALL.into_iter().map(|one| choice(one.key(), one.word())).collect(),
        severities: severities.map(|one| choice(one.key(), one.word())).collect(),
        bake_hours_default: policy.bake_hours_default,
        bake_hours_min: policy.bake_hours_min,
        telemetry: rollout.policy.gate.telemetry.map(|_| (policy.covered_hours_min, policy.samples_min)),
        notice_hours_min: policy.notice_hours_min,
        gap_days_min: policy.gap_days_min.max(1),
        lasts_hours_max: policy.lasts_hours_max,
        approvers: named.map(|user| user.name.clone()).collect(),
        freezes: desk.freezes.iter().map(|freeze| (freeze.id, label(freeze, clock))).collect(),
        usual: Pace::usual(&rollout.policy).sentence(),
    }
}

/// What it is called where it is chosen: why, when and by whom. Whom it covers is on its own page.
pub(super) fn label(freeze: &Freeze, clock: ZoneClockface) -> String {
    format!("{}: {}, set by {}", freeze.reason, freeze.span.words(&clock), freeze.set_by.name)
}
