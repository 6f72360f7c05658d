//! I17: how much of a region may come to harm. The policy says when failures are more than usual: from
//! `failures_min` of them on, where the test of `health::sequential` rejects "no worse than usual". Once that is known,
//! nothing starts any more, and the build is halted. So no more of a region is ever unhealthy because of us than the
//! failures that do not reject yet, and what runs at that instant, which the caps bound.
//!
//! Everything that ever started counts as started, which only weakens the evidence: what is called harm here is harm.

use super::rules;
use super::stages::rejects_at;
use crate::watch::{Seen, Step};
use domain::fleet::StageKey;
use domain::rollout::UpdateState;
use store::census::WholeRollout;
use store::update::Update;

/// What was known before the step, where it is harm: nothing may start after it.
pub fn known_before(seen: &Seen, step: &Step, whole: &WholeRollout) -> Option<String> {
    let before = step.rollouts_before.get(&whole.rollout.id).unwrap_or(whole);
    let resumed_at = rules::resumed_at(before);
    let failed = |update: &Update| {
        let earlier = step.changes.iter().find(|change| change.after.id == update.id);
        let known = match earlier {
            Some(change) => change.before.as_ref().is_some_and(|before| rules::is_failed(before, resumed_at)),
            None => true,
        };
        known && rules::is_failed(update, resumed_at)
    };
    of(seen, whole, &failed)
}

/// What is known now.
pub fn known(seen: &Seen, whole: &WholeRollout) -> Option<String> {
    let resumed_at = rules::resumed_at(whole);
    of(seen, whole, &|update| rules::is_failed(update, resumed_at))
}

fn of(seen: &Seen, whole: &WholeRollout, failed: &dyn Fn(&Update) -> bool) -> Option<String> {
    let gate = whole.rollout.policy.gate;
    let own: Vec<&Update> = seen.updates.values().filter(|update| update.rollout == whole.rollout.id).collect();
    whole.stages.iter().find_map(|stage| {
        let (started, failures) = count(&own, stage.key, failed);
        let level = f64::from(gate.alpha_permille) / 1000.0 / 2.0 / number(whole.stages.len().max(1));
        let harm = failures >= gate.failures_min as usize && rejects_at(gate, level, started, failures);
        harm.then(|| format!("{failures} of at most {started} failed in {} of {}", stage.key, whole.rollout.train))
    })
}

fn count(own: &[&Update], stage: StageKey, failed: &dyn Fn(&Update) -> bool) -> (usize, usize) {
    let in_stage = || own.iter().filter(|update| update.stage == Some(stage));
    let tried = |update: &Update| update.attempts > 0 || !matches!(update.state, UpdateState::Planned);
    (in_stage().filter(|update| tried(update)).count(), in_stage().filter(|update| failed(update)).count())
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// As many as there were failures that nobody has seen to, in any stage: what an automatic halt must rest on. What was
/// mended later in the same step was a failure when it was decided.
pub fn failures(seen: &Seen, step: &Step, whole: &WholeRollout, before: &WholeRollout) -> usize {
    let resumed_at = rules::resumed_at(before);
    let was_failed = |update: &Update| {
        let change = step.changes.iter().find(|change| change.after.id == update.id);
        let before = change.and_then(|change| change.before.as_ref());
        before.is_some_and(|before| rules::is_failed(before, resumed_at))
    };
    let own = seen.updates.values().filter(|update| update.rollout == whole.rollout.id);
    own.filter(|update| rules::is_failed(update, resumed_at) || was_failed(update)).count()
}
