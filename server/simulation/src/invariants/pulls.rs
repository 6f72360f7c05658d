//! What an owner takes ahead of its night. Only its own owner may; only forwards, in a night of its region, with enough of it
//! left, before its own night, never where the build, its rollout, its station or its owner is halted, never in a frozen
//! night. It ends as satisfied, as a failed attempt like any other, or as what it was before.

use super::Found;
use super::rules::{self, Case};
use crate::watch::{Change, Choice, Seen, Step, Word};
use domain::ids::UserId;
use domain::rollout::{EnvironmentReason, RolloutKind, RolloutState, UpdateState};
use store::audit::{ActorKind, AuditEvent};

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    for change in &step.changes {
        let Some(case) = Case::of(seen, &change.after) else { continue };
        let mut words = step.words.iter().filter(|word| word.update == change.after.id);
        let first = words.next();
        let mut wrong = |why: String| found.push(Found::new("PULL", format!("{}: {why}", case.name())));
        if let Some(word) = first.filter(|word| word.choice == Choice::Pulled) {
            let deed = step.deeds.iter().find(|deed| deed.seq == word.seq);
            let pulled = Pulled { case, step, word, change };
            [deed.and_then(|deed| by_stranger(seen, change, deed)), pulled.night(), pulled.stopped(), pulled.refused()]
                .into_iter()
                .flatten()
                .for_each(&mut wrong);
        }
        // A tick may go on from what it restored.
        let alone = words.next().is_none();
        ended(change, first, alone).into_iter().for_each(wrong);
    }
}

struct Pulled<'a> {
    case: Case<'a>,
    step: &'a Step,
    word: &'a Word,
    change: &'a Change,
}

/// I12: by a person who administers the customer whose environment it is.
fn by_stranger(seen: &Seen, change: &Change, deed: &AuditEvent) -> Option<String> {
    let owner = deed.actor.id.as_ref().and_then(|id| seen.ways.owners.get(&id.parse::<UserId>().ok()?));
    let own = deed.actor.kind == ActorKind::Person && owner == Some(&change.after.customer);
    let booked = change.after.pull.as_ref().and_then(|pull| seen.ways.owners.get(&pull.by.id));
    (!own || booked != Some(&change.after.customer)).then(|| format!("it was taken ahead by {}", deed.actor.name))
}

impl Pulled<'_> {
    /// I1, G4: a night of its region that holds it, and that comes before its own.
    fn night(&self) -> Option<String> {
        let UpdateState::Announced { night, .. } = &self.change.after.state else {
            return Some("it was taken ahead and has no night".to_owned());
        };
        let Some(dark) = self.case.dark_from(night.start).filter(|dark| dark.end == night.end) else {
            return Some(format!("{night:?} is no night of its region"));
        };
        let starts = self.word.at.max(dark.start);
        if starts + rules::declared(self.case.whole) > dark.end {
            return Some("the rest of the night is too short".to_owned());
        }
        let own = self.change.before.as_ref().and_then(|before| match &before.state {
            UpdateState::Announced { night, .. } => Some(night.start),
            _ => None,
        });
        if own.is_some_and(|own| own <= starts) {
            return Some(format!("its own night starts at {own:?}"));
        }
        let frozen = self.case.is_frozen(&self.step.freezes_before, dark.date);
        frozen.then(|| format!("the night of {} is frozen", dark.date))
    }

    /// H1, H2, I8.
    fn stopped(&self) -> Option<String> {
        let whole = self.case.whole;
        if !matches!(whole.rollout.state, RolloutState::Running { .. }) {
            return Some("its rollout does not run".to_owned());
        }
        if self.step.halted_before.contains_key(&whole.rollout.build) {
            return Some("its build is halted".to_owned());
        }
        let build = self.case.seen.builds.get(&whole.rollout.build);
        if build.is_some_and(|build| build.approval.is_none() || build.withdrawn.is_some()) {
            return Some("its build is not approved".to_owned());
        }
        let since = self.case.halted_since(self.step, self.change.after.stage);
        since.map(|since| format!("its station, its customer or everything is halted since {since}"))
    }

    /// G6, I6, S3, S5: it has to be something that it may take, and not before whom it follows.
    fn refused(&self) -> Option<String> {
        let (environment, whole, update) = (self.case.environment, self.case.whole, &self.change.after);
        if environment.service_update != whole.rollout.train.service_update || self.case.has_it(environment) {
            return Some(format!("it runs {} of {}", environment.build, environment.service_update));
        }
        if update.stage.is_none() {
            return Some("no station visits it".to_owned());
        }
        if whole.rollout.descent.kind == RolloutKind::Forward
            && let Some(production) = update.follows.filter(|production| !self.case.runs_it(*production))
        {
            return Some(format!("the production {production} that it follows does not run it"));
        }
        let failed =
            |sandbox: &store::update::Update| sandbox.last_failed_at.is_some() && !rules::is_delivered(sandbox);
        let tried = self.case.is_production() && self.case.own_sandboxes().any(failed);
        tried.then(|| "it failed in a sandbox of its owner".to_owned())
    }
}

/// What was taken ahead and is not any more.
fn ended(change: &Change, word: Option<&Word>, alone: bool) -> Option<String> {
    use UpdateState as S;
    let before = change.before.as_ref()?;
    let booked = before.pull.as_ref()?;
    let after = &change.after;
    if before.state.is_announced() && after.pull.is_none() {
        let restored = after.state == *booked.before;
        let taken_out = matches!(
            after.state,
            S::AlreadySatisfied { pulled_at: None, .. }
                | S::Held { .. }
                | S::Skipped { reason: EnvironmentReason::OtherServiceUpdate { .. }, .. }
        );
        // Held because it failed in a sandbox, it may be left out after that for what kept it out of the push before.
        let goes_on = |word: &Word| {
            let taken_out = matches!(word.after.as_str(), "held" | "skipped" | "already_satisfied");
            word.choice == Choice::PullEnded || taken_out
        };
        let right = if alone { restored || taken_out } else { word.is_some_and(goes_on) };
        return (!right)
            .then(|| format!("it was {:?} before it was taken ahead, now it is {:?}", booked.before, after.state));
    }
    if !before.state.is_running() {
        return None;
    }
    match &after.state {
        // Counted apart: the customer chose itself, and its stage does not wait for it.
        S::Succeeded { .. } => Some("it was taken ahead, and counts as pushed".to_owned()),
        S::AlreadySatisfied { pulled_at: None, .. } => Some("that it was taken ahead is forgotten".to_owned()),
        S::AlreadySatisfied { cancelled, .. } => {
            let own = booked.before.night().filter(|_| booked.before.is_announced());
            (own != *cancelled).then(|| format!("its own night {own:?} is told as {cancelled:?}"))
        }
        _ => None,
    }
}
