//! I10: one letter for each fact, none twice, none for a fact that is not there. The facts are the states of the audit
//! chain, in which each letter's transaction left its record.

use super::{Found, rules};
use crate::watch::{Choice, Seen, Step, Word};
use domain::ids::{EnvironmentId, RolloutId};
use domain::notification::NotificationEvent;
use domain::rollout::{EnvironmentReason, UpdateState};
use domain::wire::notification::NotificationKind;
use std::collections::{BTreeMap, BTreeSet};
use store::census::Letter;
use store::update::Update;

type Key = (RolloutId, EnvironmentId, &'static str);

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    let mut due: BTreeMap<Key, i32> = BTreeMap::new();
    // Whether a skip or hold is told of depends on its reason, which the chain does not keep.
    let mut free: BTreeSet<Key> = BTreeSet::new();
    for word in &step.words {
        let Some(update) = seen.updates.get(&word.update) else { continue };
        for (kind, certain) in letters_of(word, update) {
            let key = (update.rollout, update.environment, kind.key());
            if certain {
                *due.entry(key).or_default() += 1;
            } else {
                free.insert(key);
            }
        }
    }
    for letter in &step.letters {
        match (letter.rollout, letter.environment) {
            (Some(rollout), Some(environment)) => {
                *due.entry((rollout, environment, letter.payload.event.kind().key())).or_default() -= 1;
            }
            _ => about_rollout(seen, letter, found),
        }
    }
    for ((rollout, environment, kind), missing) in due {
        if missing != 0 && !free.contains(&(rollout, environment, kind)) {
            let what = if missing > 0 { "is missing" } else { "tells of nothing that happened" };
            found.push(Found::new("I10", format!("a letter `{kind}` to {environment} in {rollout} {what}")));
        }
    }
    scheduled(seen, step, found);
}

/// The letters that a change has, and whether each must be there.
fn letters_of(word: &Word, update: &Update) -> Vec<(NotificationKind, bool)> {
    let waits = matches!(word.before.as_deref(), Some("announced" | "moved"));
    match (word.choice, word.after.as_str()) {
        (Choice::Pulled, "announced") => vec![(NotificationKind::Announced, true)],
        // Another night, or none: told as a move.
        (Choice::Pulled | Choice::PullEnded, _) => vec![(NotificationKind::Moved, true)],
        // Delivered ahead, and that letter says that the announced night, where there was one, does not take place.
        (Choice::Usual, "already_satisfied") if rules::is_delivered(update) && !waits => {
            vec![(NotificationKind::Delivered, true)]
        }
        (Choice::Usual, _) => letter_of(word, &update.state).into_iter().collect(),
    }
}

/// The letter that a change by the rules has, and whether it must be there.
fn letter_of(word: &Word, state: &UpdateState) -> Option<(NotificationKind, bool)> {
    let before = word.before.as_deref()?;
    Some(match word.after.as_str() {
        // Sent back, it keeps the night that its owner knows.
        "announced" if before == "in_progress" => return None,
        "announced" => (NotificationKind::Announced, true),
        "moved" => (NotificationKind::Moved, true),
        "succeeded" => (NotificationKind::Delivered, true),
        "failed" => (NotificationKind::Failed, true),
        // What was not announced is not taken back.
        "already_satisfied" if matches!(before, "announced" | "moved") => (NotificationKind::Satisfied, true),
        // Who was told that it failed is told that nothing more is tried; held it may have been for another reason.
        "already_satisfied" if before == "failed" => (NotificationKind::Satisfied, true),
        "already_satisfied" if before == "held" => (NotificationKind::Satisfied, false),
        "skipped" => (NotificationKind::Skipped, true),
        "held" => {
            let told = match state {
                UpdateState::Held { reason, .. } => matches!(reason, EnvironmentReason::AttemptsUsed { .. }),
                // Another plan of the tick left it out for another reason.
                _ => before == "failed",
            };
            (NotificationKind::Held, !told)
        }
        _ => return None,
    })
}

/// Letters about a rollout as a whole are written after the change is committed, some customers at a time: never before
/// it, and to nobody more often than it happened.
fn about_rollout(seen: &Seen, letter: &Letter, found: &mut Vec<Found>) {
    let actions = match &letter.payload.event {
        NotificationEvent::Halted { .. } => ["rollout.halted", "rollout.part_halted"],
        NotificationEvent::Resumed { .. } => ["rollout.resumed", "rollout.part_resumed"],
        NotificationEvent::Scheduled { .. } => return,
        other => {
            found.push(Found::new("I10", format!("a letter {:?} names no environment", other.kind())));
            return;
        }
    };
    let Some(rollout) = letter.rollout else { return };
    let count = |action: &str| seen.occasions.get(&(rollout.to_string(), action.to_owned())).copied().unwrap_or(0);
    let [action, _] = actions;
    let happened = actions.map(count).into_iter().sum();
    let kind = letter.payload.event.kind().key();
    let told = seen.told_of.get(&(letter.customer, rollout, kind)).copied().unwrap_or(1);
    if told > happened {
        let what =
            format!("{} was told of {action} of {rollout} {told} times; it happened {happened} times", letter.customer);
        found.push(Found::new("I10", what));
    }
}

/// Whoever is enrolled anew is told so, in one letter of their customer.
fn scheduled(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    let enrolled: BTreeSet<_> = step
        .words
        .iter()
        .filter(|word| word.before.is_none() && word.after != "already_satisfied")
        .filter_map(|word| seen.updates.get(&word.update))
        .map(|update| (update.rollout, update.customer))
        .collect();
    for (rollout, customer) in enrolled {
        let told = |letter: &&Letter| {
            letter.rollout == Some(rollout)
                && letter.customer == customer
                && matches!(letter.payload.event, NotificationEvent::Scheduled { .. })
        };
        if !step.letters.iter().any(|letter| told(&letter)) {
            found.push(Found::new("I10", format!("customer {customer} was not told of its place in {rollout}")));
        }
    }
}
