//! How much of what is seldom was acted out: a simulation in which nobody asks for an emergency path proves nothing of it.

use crate::invariants::rules::{self, Case};
use crate::watch::{Choice, Seen, Step};
use domain::rollout::{RolloutKind, StageState};
use std::collections::BTreeMap;

pub fn count(acted: &mut BTreeMap<&'static str, u64>, seen: &Seen, step: &Step) {
    let mut note = |what: &'static str| *acted.entry(what).or_default() += 1;
    for deed in &step.deeds {
        let path = deed.details.get("did").and_then(|did| did.get("path")?.as_str());
        match (deed.action.as_str(), path) {
            ("rollout.emergency_in_force", _) => note("emergency in force"),
            ("rollout.emergency_expired", _) => note("emergency expired"),
            ("rollout.emergency_reviewed", _) => note("emergency reviewed"),
            ("rollout.recovery_started", Some("fall_back_by_flight")) => note("fallback by flight"),
            ("rollout.recovery_started", Some("roll_forward")) => note("roll forward"),
            ("rollout.recovery_started", Some("roll_back")) => note("roll back"),
            ("rollout.recovery_started", Some(_)) => note("redeployment"),
            ("rollout.recovery_completed", _) => note("recovery completed"),
            ("rollout.recovery_abandoned", _) => note("recovery abandoned"),
            ("exemption.granted", _) => note("exemption granted"),
            ("exemption.withdrawn", _) => note("exemption withdrawn"),
            ("exemption.reminded", _) => note("exemption reminded of"),
            ("build.withdrawn", _) => note("build withdrawn"),
            ("build.approved", _) => note("build approved again"),
            ("incident.opened", _) => note("incident reported"),
            _ => {}
        }
    }
    for word in &step.words {
        match word.choice {
            Choice::Pulled => note("taken ahead"),
            Choice::PullEnded => note("not taken ahead after all"),
            Choice::Usual => {}
        }
        let Some(case) = seen.updates.get(&word.update).and_then(|update| Case::of(seen, update)) else { continue };
        let dark = word.night.filter(|_| word.after == "in_progress").and_then(|night| case.dark_from(night));
        if dark.is_some_and(|dark| case.is_frozen(&step.freezes_before, dark.date)) {
            note("started in an overridden freeze");
        }
        let exempt = case.environment.exemption.as_ref().map(|exemption| exemption.expires_at);
        let reopened = word.before.as_deref() == Some("skipped") && word.after == "planned";
        if reopened && exempt.is_some_and(|ended| ended <= word.at) {
            note("aboard after an exemption");
        }
    }
    for change in &step.changes {
        if rules::is_delivered(&change.after) && change.after.pull.is_some() {
            note("delivered ahead");
        }
        let whole = seen.rollout_of(&change.after);
        if whole.is_some_and(|whole| whole.rollout.descent.kind != RolloutKind::Forward)
            && rules::is_delivered(&change.after)
        {
            note("went back");
        }
    }
    for (id, before) in &step.rollouts_before {
        let Some(after) = seen.rollouts.get(id) else { continue };
        for (was, is) in before.stages.iter().zip(&after.stages) {
            let StageState::Passed { passed_at, .. } = is.state else { continue };
            if was.state != is.state && step.ways_before.in_force(*id, passed_at).is_some() {
                note("stage passed in an emergency");
            }
        }
    }
}
