//! H1, H2: a rollout goes on only where a person says so; while it stands nothing of it moves but what runs; an automatic
//! halt rests on failures, or on what was heard. A stage moves neither while its station is halted nor while everybody is frozen.

use super::{Found, harm, rules, watched};
use crate::watch::{Choice, Seen, Step, Word};
use chrono::NaiveDate;
use domain::fleet::Region;
use domain::freeze::{FreezeScope, FreezeState};
use domain::rollout::{HaltCause, RolloutKind, RolloutState, StageFacts, StageState};
use store::audit::ActorKind;
use store::census::WholeRollout;

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    for (id, before) in &step.rollouts_before {
        let Some(after) = seen.rollouts.get(id) else { continue };
        states(seen, step, before, after, found);
        for (was, is) in before.stages.iter().zip(&after.stages).filter(|(was, is)| was.state != is.state) {
            let stopped = stands(before, step)
                .then_some(("H1", "its rollout stands"))
                .or_else(|| station_halted(step, after, is).then_some(("H2", "its station or everything is halted")))
                .or_else(|| frozen(seen, step, after, (was, is)).then_some(("FREEZE", "everybody is frozen")));
            if let Some((rule, why)) = stopped {
                let what = format!("{} of {} went to {:?}, and {why}", is.key, after.rollout.train, is.state);
                found.push(Found::new(rule, what));
            }
        }
    }
    moved_while_standing(seen, step, found);
}

/// Halted before the step, and nobody resumed it in it.
fn stands(before: &WholeRollout, step: &Step) -> bool {
    let id = before.rollout.id.to_string();
    let resumed = step.deeds.iter().any(|deed| deed.action == "rollout.resumed" && deed.object.id == id);
    matches!(before.rollout.state, RolloutState::Halted { .. }) && !resumed
}

fn states(seen: &Seen, step: &Step, before: &WholeRollout, after: &WholeRollout, found: &mut Vec<Found>) {
    use RolloutState as S;
    let (was, is) = (&before.rollout.state, &after.rollout.state);
    let id = after.rollout.id.to_string();
    let deed = |action: &str| step.deeds.iter().find(|deed| deed.action == action && deed.object.id == id);
    let by_person = |action: &str| deed(action).is_some_and(|deed| deed.actor.kind == ActorKind::Person);
    let right = match (was, is) {
        (S::Draft, S::Running { .. }) => by_person("rollout.started"),
        (S::Halted { .. }, S::Running { .. }) => by_person("rollout.resumed"),
        (S::Running { .. }, S::Halted { cause, .. }) => {
            if let HaltCause::Gate { gate, .. } = cause
                && !watched::is_harm(after, gate)
                && harm::failures(seen, step, after, before) < after.rollout.policy.gate.failures_min as usize
            {
                found.push(Found::new("H1", format!("{} was halted although too few failed", after.rollout.train)));
            }
            // That going back fails says nothing against the build that ran there before.
            let forward = after.rollout.descent.kind == RolloutKind::Forward;
            if forward && !seen.halted.contains_key(&after.rollout.build) {
                found.push(Found::new("H1", format!("{} is halted, its build is not", after.rollout.train)));
            }
            deed("rollout.halted").is_some()
        }
        (S::Running { .. }, S::Completed { .. }) => deed("rollout.completed").is_some(),
        (S::Running { started_at: a, resumed_at: b, .. }, S::Running { started_at: c, resumed_at: d, .. }) => {
            (a, b) == (c, d) || by_person("rollout.resumed")
        }
        (S::Halted { halted_at: a, .. }, S::Halted { halted_at: b, .. }) => a == b || deed("rollout.halted").is_some(),
        (S::Draft, S::Draft) | (S::Completed { .. }, S::Completed { .. }) => true,
        _ => false,
    };
    if !right {
        let what = format!("{} went from {} to {} by itself", after.rollout.train, was.key(), is.key());
        found.push(Found::new("H1", what));
    }
    let unsettled = || {
        let own = seen.updates.values().filter(|update| update.rollout == after.rollout.id);
        let waits = |word: &str| matches!(word, "planned" | "announced" | "moved" | "in_progress" | "verifying");
        own.filter(|update| waits(update.state.word().key())).count()
    };
    if matches!((was, is), (S::Running { .. }, S::Completed { .. })) && unsettled() > 0 {
        found.push(Found::new("I15", format!("{} is completed, {} wait", after.rollout.train, unsettled())));
    }
}

fn station_halted(step: &Step, whole: &WholeRollout, stage: &StageFacts) -> bool {
    step.halts_before.values().any(|(halt, _)| rules::stops_stage(halt.scope, whole, stage.key))
}

/// By the date of whoever moved it, until the night of the next one has begun somewhere in the stage. An emergency path
/// that is in force overrides the freezes that it names (E1).
fn frozen(seen: &Seen, step: &Step, whole: &WholeRollout, (was, is): (&StageFacts, &StageFacts)) -> bool {
    let at = match (was.state, is.state) {
        (StageState::Waiting, StageState::Open { opened_at } | StageState::Passed { opened_at, .. }) => opened_at,
        (_, StageState::Passed { passed_at, .. }) => passed_at,
        _ => return false,
    };
    let overridden = step.ways_before.overridden(whole.rollout.id, at);
    let covers = |date: NaiveDate| {
        step.freezes_before.iter().any(|freeze| {
            let set = freeze.state == FreezeState::Set && !overridden.contains(&freeze.id);
            set && freeze.scope == FreezeScope::Global && freeze.span.covers(date)
        })
    };
    let begun = |date: NaiveDate| {
        let own = |region: &&Region| is.key.station.0 == 1 || region.station == Some(is.key.station);
        let nights = seen.regions.values().filter(own).filter_map(|region| region.dark_hours?.night(date));
        nights.map(|night| night.start).min().is_some_and(|start| start <= at)
    };
    let today = at.date_naive();
    covers(today) && today.succ_opt().is_none_or(|next| covers(next) || !begun(next))
}

fn by_owner(step: &Step, word: &Word) -> bool {
    step.deeds.iter().any(|deed| deed.seq == word.seq && deed.actor.kind == ActorKind::Person)
}

/// What a plan decides, of a rollout that stood before the step.
fn moved_while_standing(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    for word in &step.words {
        let Some(update) = seen.updates.get(&word.update) else { continue };
        let before = step.rollouts_before.get(&update.rollout).or_else(|| seen.rollout_of(update));
        let goes_on = matches!(word.after.as_str(), "verifying" | "succeeded" | "failed")
            || matches!(word.before.as_deref(), Some("in_progress" | "verifying"));
        if before.is_some_and(|before| stands(before, step)) && !goes_on {
            // Its owner may take back what they took ahead, whatever stands.
            let taken_back = word.choice == Choice::PullEnded && by_owner(step, word);
            if taken_back {
                continue;
            }
            let what = format!("update {} went to {} while its rollout stands", word.update, word.after);
            found.push(Found::new("H1", what));
        }
    }
}
