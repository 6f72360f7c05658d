//! I9: every change of a state has exactly one audit record, and every record a change along an edge of the state machine.
//! I13: what was taken note of stays, whatever was killed since.

use super::Found;
use crate::watch::{Seen, Step, update_of};
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

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    for word in &step.words {
        // An agent that says it is healthy says that it was applied, in one record.
        let overtook = (word.before.as_deref(), word.after.as_str()) == (Some("in_progress"), "succeeded")
            && step
                .deeds
                .iter()
                .any(|deed| deed.actor.kind == ActorKind::Agent && update_of(deed) == Some(word.update));
        if !overtook && !may_follow(word.before.as_deref(), &word.after) {
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
