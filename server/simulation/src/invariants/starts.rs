//! Every start that a plan decides, judged by the clock of the server that decided it: also one that the dispatch or the
//! agent would still have kept from happening. What really began is judged by true time in `touches`.

use super::rules::{self, Case, is_pulled};
use super::{Found, harm};
use crate::watch::{Seen, Step, Word};
use domain::fleet::EnvironmentKind;
use domain::ids::UpdateId;
use domain::rollout::{RolloutState, StageState, UpdateState};
use std::collections::BTreeMap;
use store::update::Update;

struct Start<'a> {
    case: Case<'a>,
    step: &'a Step,
    word: &'a Word,
    update: &'a Update,
    before: Option<&'a Update>,
}

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    let before: BTreeMap<UpdateId, Option<&Update>> =
        step.changes.iter().map(|change| (change.after.id, change.before.as_ref())).collect();
    for word in step.words.iter().filter(|word| word.after == "in_progress") {
        let Some(update) = seen.updates.get(&word.update) else { continue };
        let Some(case) = Case::of(seen, update) else { continue };
        let before = before.get(&update.id).copied().unwrap_or(Some(update));
        let start = Start { case, step, word, update, before };
        let wrong = [
            start.night(),
            start.stopped(),
            start.withheld(),
            start.frozen(),
            start.stage(),
            start.takes_part(),
            start.sandbox_failed(),
            start.follower(),
            start.attempts(),
        ];
        found.extend(wrong.into_iter().flatten());
        if let Some(harm) = harm::known_before(seen, step, case.whole) {
            found.push(Found::new("I17", format!("{} is started, and {harm}", case.name())));
        }
    }
}

impl Start<'_> {
    fn wrong(&self, invariant: &'static str, why: &str) -> Found {
        Found::new(invariant, format!("{} is started at {}: {why}", self.case.name(), self.word.at))
    }

    /// I1, G4.
    fn night(&self) -> Option<Found> {
        let Some(dark) = self.word.night.and_then(|night| self.case.dark_from(night)) else {
            return Some(self.wrong("I1", &format!("{:?} is no night of its region", self.word.night)));
        };
        if self.word.at < dark.start {
            return Some(self.wrong("I1", &format!("its night begins at {}", dark.start)));
        }
        if self.word.at + rules::declared(self.case.whole) > dark.end {
            return Some(self.wrong("I1", "the rest of the night is too short"));
        }
        let whole = self.case.whole;
        let pace = self.step.ways_before.pace(whole.rollout.id, &whole.rollout.policy, self.word.at);
        if is_pulled(self.update) || pace.any_night_since.is_some() {
            return None;
        }
        let stage = whole.stages.iter().find(|stage| Some(stage.key) == self.update.stage);
        let is_early = stage.is_some_and(|stage| dark.date < stage.window.first);
        let allowed = !is_early && super::hours::day_allows(self.case.environment, dark.date);
        (!allowed).then(|| self.wrong("I1", &format!("not on {}", dark.date)))
    }

    /// H1, H2: its rollout, its build, its station, its customer.
    fn stopped(&self) -> Option<Found> {
        let id = self.case.whole.rollout.id;
        let state = &self.step.rollouts_before.get(&id).unwrap_or(self.case.whole).rollout.state;
        let halted_first = self.step.deeds.iter().any(|deed| {
            deed.action == "rollout.halted" && deed.object.id == id.to_string() && deed.seq < self.word.seq
        });
        if halted_first || !matches!(state, RolloutState::Running { .. }) {
            return Some(self.wrong("H1", "its rollout does not run"));
        }
        if self.step.halted_before.contains_key(&self.case.whole.rollout.build) {
            return Some(self.wrong("H1", "its build is halted"));
        }
        let since = self.case.halted_since(self.step, self.update.stage)?;
        Some(self.wrong("H2", &format!("its station, its customer or everything is halted since {since}")))
    }

    /// I8, F17.
    fn withheld(&self) -> Option<Found> {
        let since = self.step.withheld_before.get(&self.case.whole.rollout.build)?;
        Some(self.wrong("I8", &format!("its build is withdrawn since {since}")))
    }

    fn frozen(&self) -> Option<Found> {
        let dark = self.word.night.and_then(|night| self.case.dark_from(night))?;
        let frozen = self.case.is_frozen_at(self.step, self.update, dark.date, self.word.at);
        frozen.then(|| self.wrong("FREEZE", &format!("the night of {} is frozen", dark.date)))
    }

    /// G1. Stages order the push, not what an owner takes ahead.
    fn stage(&self) -> Option<Found> {
        if is_pulled(self.update) {
            return None;
        }
        let stage = self.case.whole.stages.iter().find(|stage| Some(stage.key) == self.update.stage);
        let open = stage.is_some_and(|stage| stage.state != StageState::Waiting);
        (!open).then(|| self.wrong("I2", "its stage is not open"))
    }

    /// G6, I7, S1, S2, S4, S5, C1.
    fn takes_part(&self) -> Option<Found> {
        let (rule, why) = self.case.kept_out_of_plan(self.update, self.word, self.step)?;
        Some(self.wrong(rule, &why))
    }

    /// S3. What became known in this very step may have come after the plan.
    fn sandbox_failed(&self) -> Option<Found> {
        if self.case.environment.kind != EnvironmentKind::Production {
            return None;
        }
        let before = self.step.rollouts_before.get(&self.case.whole.rollout.id).unwrap_or(self.case.whole);
        let resumed_at = rules::resumed_at(before);
        let known = |update: &Update| match self.step.changes.iter().find(|change| change.after.id == update.id) {
            Some(change) => change.before.as_ref().is_some_and(|before| rules::is_failed(before, resumed_at)),
            None => true,
        };
        let is_out = |update: &Update| matches!(update.state, UpdateState::Skipped { .. });
        let mut sandboxes = self.case.own_sandboxes().filter(|sandbox| !is_out(sandbox));
        let failed = sandboxes.find(|sandbox| rules::is_failed(sandbox, resumed_at) && known(sandbox))?;
        Some(self.wrong("S3", &format!("the update failed in its sandbox {}", failed.environment)))
    }

    /// I6.
    fn follower(&self) -> Option<Found> {
        let production = self.update.follows?;
        let of = self.case.updates().find(|other| other.environment == production);
        let done =
            |state: &UpdateState| matches!(state, UpdateState::Succeeded { .. } | UpdateState::AlreadySatisfied { .. });
        let behind = of.is_none_or(|other| !done(&other.state)) || !self.case.runs_it(production);
        behind.then(|| self.wrong("I6", "the production that it follows is not updated"))
    }

    /// I20: as many attempts as the policy has, and more only of what somebody saw to.
    fn attempts(&self) -> Option<Found> {
        let most = self.case.whole.rollout.policy.attempts_max;
        let before = self.before?;
        let rollout = self.step.rollouts_before.get(&self.case.whole.rollout.id).unwrap_or(self.case.whole);
        let seen_to = before.last_failed_at.zip(rules::resumed_at(rollout)).is_some_and(|(at, seen)| at <= seen);
        let over = before.attempts >= most && before.attempts < self.update.attempts && !seen_to;
        over.then(|| self.wrong("I20", &format!("attempt {} of {most}", self.update.attempts)))
    }
}
