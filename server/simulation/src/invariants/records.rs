//! I9: every change of a state has exactly one audit record, and every record a change along an edge of the state machine.
//! I13: what was taken note of stays, whatever was killed since.

use super::Found;
use crate::watch::{Choice, Seen, Step, Word, update_of};
use std::collections::BTreeSet;
use store::audit::ActorKind;

/// From which words a word may follow. Moved is announced with an old night.
fn may_follow(before: Option<&str>, after: &str) -> bool {
    let Some(before) = before else {
        return matches!(after, "planned" | "already_satisfied" | "skipped" | "held");
    };
    match after {
        "planned" => matches!(before, "held" | "skipped" | "already_satisfied"),
        "announced" => matches!(before, "planned" | "in_progress"),
        "moved" => matches!(before, "announced" | "moved" | "failed"),
        "in_progress" => matches!(before, "announced" | "moved"),
        "verifying" => before == "in_progress",
        "succeeded" => before == "verifying",
        "failed" => matches!(before, "in_progress" | "verifying"),
        "already_satisfied" => matches!(before, "planned" | "announced" | "moved" | "failed" | "held" | "skipped"),
        "skipped" => {
            matches!(before, "planned" | "announced" | "moved" | "held" | "skipped" | "already_satisfied")
        }
        "held" => {
            matches!(before, "planned" | "announced" | "moved" | "held" | "skipped" | "failed" | "already_satisfied")
        }
        _ => false,
    }
}

/// Its owner takes ahead what waits, or what was left out.
fn may_be_pulled(before: Option<&str>, after: &str) -> bool {
    match after {
        "announced" => matches!(before, Some("planned" | "skipped" | "held")),
        "moved" => matches!(before, Some("announced" | "moved")),
        _ => false,
    }
}

/// What its owner took ahead is satisfied by its own attempt.
fn ended_pull(seen: &Seen, word: &Word) -> bool {
    let pulled = seen.updates.get(&word.update).is_some_and(|update| update.pull.is_some());
    pulled && (word.before.as_deref(), word.after.as_str()) == (Some("verifying"), "already_satisfied")
}

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    for word in &step.words {
        // An agent that says it is healthy says that it was applied, in one record; and it takes back how an attempt ended.
        let by_agent = matches!(
            (word.before.as_deref(), word.after.as_str()),
            (Some("in_progress" | "failed"), "succeeded" | "already_satisfied")
                | (Some("succeeded" | "already_satisfied"), "failed")
        );
        let overtook = by_agent
            && step
                .deeds
                .iter()
                .any(|deed| deed.actor.kind == ActorKind::Agent && update_of(deed) == Some(word.update));
        let right = match word.choice {
            Choice::Usual => may_follow(word.before.as_deref(), &word.after) || ended_pull(seen, word),
            Choice::Pulled => may_be_pulled(word.before.as_deref(), &word.after),
            Choice::PullEnded => matches!(word.before.as_deref(), Some("announced" | "moved")),
        };
        if !overtook && !right {
            let before = word.before.as_deref().unwrap_or("nothing");
            let invariant = if before == "succeeded" { "I13" } else { "I9" };
            found.push(Found::new(invariant, format!("update {} went from {before} to {}", word.update, word.after)));
        }
    }
    let named: BTreeSet<_> = step.words.iter().map(|word| word.update).collect();
    for update in named {
        let recorded = seen.words.get(&update).map(String::as_str);
        let actual = seen.updates.get(&update).map(|row| row.state.word().key());
        if recorded != actual {
            found.push(Found::new("I9", format!("update {update} is {actual:?}, recorded as {recorded:?}")));
        }
    }
    for change in &step.changes {
        let Some(before) = &change.before else { continue };
        if before.stage.is_some() && (before.stage, before.follows) != (change.after.stage, change.after.follows) {
            found.push(Found::new("G5", format!("the bound stage of update {} changed", change.after.id)));
        }
    }
}
