//! Every night that is promised: chosen by the rules, in time, and moved only for what is the case (G3, G4, N1, R1, R2).

use super::Found;
use super::hours::{self, Dark};
use super::rules::{self, Case};
use crate::watch::{Choice, Seen, Step, Word};
use crate::ways::Pace;
use chrono::{DateTime, Utc};
use domain::calendar::Night;
use domain::rollout::{MoveReason, Moved, UpdateState};
use store::update::Update;

struct Promise<'a> {
    case: Case<'a>,
    step: &'a Step,
    word: &'a Word,
    update: &'a Update,
    start: DateTime<Utc>,
}

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    for word in step.words.iter().filter(|word| matches!(word.after.as_str(), "announced" | "moved")) {
        // Sent back, it keeps the night that it had.
        let Some(start) = word.night else { continue };
        // What its owner chose, and what stands again afterwards, is judged in `pulls`.
        if word.choice != Choice::Usual {
            continue;
        }
        let Some(update) = seen.updates.get(&word.update) else { continue };
        let Some(case) = Case::of(seen, update) else { continue };
        let promise = Promise { case, step, word, update, start };
        let Some(dark) = case.dark_from(start) else {
            found.push(promise.wrong("I19", "that is no night of its region"));
            continue;
        };
        let wrong = [promise.day(dark), promise.notice(), promise.part(), promise.order(), promise.stopped(dark)];
        found.extend(wrong.into_iter().flatten());
        if word.after == "moved" {
            found.extend(promise.moved(dark));
        }
    }
}

impl Promise<'_> {
    fn wrong(&self, invariant: &'static str, why: &str) -> Found {
        let (start, at) = (self.start, self.word.at);
        Found::new(invariant, format!("{} is promised the night of {start} at {at}: {why}", self.case.name()))
    }

    /// G4, and not before the stage's own window, unless an emergency path waits for neither (E1).
    fn day(&self, dark: Dark) -> Option<Found> {
        if self.pace().any_night_since.is_some() {
            return None;
        }
        if !hours::day_allows(self.case.environment, dark.date) {
            return Some(self.wrong("I19", "not on that day"));
        }
        let stage = self.case.whole.stages.iter().find(|stage| Some(stage.key) == self.update.stage)?;
        (dark.date < stage.window.first).then(|| self.wrong("I19", "before the window of its stage"))
    }

    /// As it was when the night was promised.
    fn pace(&self) -> Pace {
        let rollout = &self.case.whole.rollout;
        self.step.ways_before.pace(rollout.id, &rollout.policy, self.word.at)
    }

    /// N1: the first night in time; another one still to come.
    fn notice(&self) -> Option<Found> {
        let notice = self.pace().notice;
        if self.word.after == "announced" {
            return (self.word.at + notice > self.start).then(|| self.wrong("N1", "later than the notice"));
        }
        (self.start < self.word.at).then(|| self.wrong("N1", "it has begun already"))
    }

    /// What takes no part is promised nothing.
    fn part(&self) -> Option<Found> {
        let (rule, why) = self.case.kept_out_of_plan(self.update, self.word, self.step)?;
        Some(self.wrong(rule, &why))
    }

    /// The night of another update, where this step did not change it.
    fn settled_night(&self, other: &Update) -> Option<Night> {
        let changed = self.step.changes.iter().any(|change| change.after.id == other.id);
        other.state.night().filter(|_| !changed && !matches!(other.state, UpdateState::Failed { .. }))
    }

    /// G3, G5: after its own sandboxes, not before whom it follows.
    fn order(&self) -> Option<Found> {
        let gap = self.pace().gap;
        if self.case.is_production() {
            let mut nights = self.case.own_sandboxes().filter_map(|sandbox| self.settled_night(sandbox));
            let near = nights.find(|night| night.start + gap > self.start)?;
            return Some(self.wrong("G3", &format!("its sandbox has {}", near.date)));
        }
        let production = self.update.follows?;
        let of = self.case.updates().find(|other| other.environment == production)?;
        let waits = matches!(of.state, UpdateState::Announced { .. });
        let night = self.settled_night(of).filter(|night| waits && night.start > self.start)?;
        Some(self.wrong("I6", &format!("the production that it follows has {}", night.date)))
    }

    /// Frozen nights are not promised, and halted ones are promised nothing (H1 is in `halts`); nor is a build that may not
    /// come, to whom nothing was promised before.
    fn stopped(&self, dark: Dark) -> Option<Found> {
        let is_first = self.word.before.as_deref() == Some("planned") && self.word.choice == Choice::Usual;
        if is_first && let Some(since) = self.step.withheld_before.get(&self.case.whole.rollout.build) {
            return Some(self.wrong("I8", &format!("its build is withdrawn since {since}")));
        }
        if self.case.is_frozen_at(self.step, self.update, dark.date, self.word.at) {
            return Some(self.wrong("FREEZE", "it is frozen"));
        }
        let since = self.case.halted_since(self.step, self.update.stage)?;
        Some(self.wrong("H2", &format!("its station or its customer is halted since {since}")))
    }

    /// R1, R2: the old night could not be kept.
    fn moved(&self, to: Dark) -> Option<Found> {
        let UpdateState::Announced { night, moved: Some(Moved { from, reason, .. }), .. } = &self.update.state else {
            return None;
        };
        if night.start != to.start {
            return None;
        }
        let over = self.word.at + rules::declared(self.case.whole) > from.end;
        let (pace, policy) = (self.pace(), &self.case.whole.rollout.policy);
        let gap = pace.gap;
        let right = match reason {
            MoveReason::Frozen { .. } => self.case.is_frozen_at(self.step, self.update, from.date, self.word.at),
            MoveReason::HoursChanged => {
                let usual = self.case.dark_from(from.start).filter(|dark| dark.end == from.end);
                usual.is_none_or(|dark| !hours::day_allows(self.case.environment, dark.date))
            }
            // What only the path allowed.
            MoveReason::EmergencyOver => {
                let stage = self.case.whole.stages.iter().find(|stage| Some(stage.key) == self.update.stage);
                let is_early = stage.is_some_and(|stage| from.date < stage.window.first);
                let is_allowed = !is_early && hours::day_allows(self.case.environment, from.date);
                pace.any_night_since.is_none() && !is_allowed
            }
            MoveReason::GapToSandbox { .. } => {
                // One whose night is not chosen yet may expect any.
                let near = |sandbox: &Update| match self.case.night_of(sandbox) {
                    Some(start) => start + gap > from.start,
                    None => matches!(sandbox.state, UpdateState::Planned),
                };
                // One that is not taken ahead after all may have been, when this was decided.
                let before = |sandbox: &Update| {
                    let change = self.step.changes.iter().find(|change| change.after.id == sandbox.id);
                    change.and_then(|change| change.before.as_ref()).is_some_and(near)
                };
                self.case.own_sandboxes().any(|sandbox| near(sandbox) || before(sandbox))
            }
            MoveReason::WaitsForProduction => over || self.production_is_later(*from),
            MoveReason::Clash { .. } => self.other_train_has(*from),
            MoveReason::AttemptFailed { .. } => self.word.before.as_deref() == Some("failed"),
            // Sooner, never later, and with the notice that is left.
            MoveReason::Emergency { .. } => {
                let is_quick = pace.notice < rules::days(policy.notice_days)
                    || gap < rules::days(policy.min_gap_days)
                    || pace.any_night_since.is_some();
                is_quick && self.word.at + pace.notice <= to.start && to.start < from.start
            }
            // A plan takes nothing ahead, and takes nothing back.
            MoveReason::PulledAhead { .. } | MoveReason::PullTakenBack { .. } => false,
            MoveReason::NightMissed
            | MoveReason::StageClosed { .. }
            | MoveReason::RolloutHalted
            | MoveReason::Halted { .. }
            | MoveReason::SandboxFailed
            | MoveReason::WaitsForSandbox
            | MoveReason::Cap { .. } => over,
        };
        if !right {
            return Some(self.wrong("R1", &format!("the night of {} could be kept, said is {reason:?}", from.date)));
        }
        (*from == *night).then(|| self.wrong("R1", "it is the same night"))
    }

    /// Or had before this step.
    fn other_train_has(&self, night: Night) -> bool {
        let before = self.step.changes.iter().filter_map(|change| change.before.as_ref());
        let mut others = self
            .case
            .seen
            .updates
            .values()
            .chain(before)
            .filter(|other| other.environment == self.update.environment && other.rollout != self.update.rollout);
        others
            .any(|other| other.state.night_or_tried().is_some_and(|has| has.start < night.end && night.start < has.end))
    }

    fn production_is_later(&self, than: Night) -> bool {
        let Some(production) = self.update.follows else { return false };
        let of = self.case.updates().find(|other| other.environment == production);
        of.and_then(|other| other.state.night_or_tried()).is_none_or(|night| night.start > than.start)
    }
}
