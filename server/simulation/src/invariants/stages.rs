//! I2 and G1: a stage opens only when the stages before it have passed and a second person let the train in (I11), and
//! passes only with enough successes, baked, and few failures. The evidence is counted anew from the rows; where it
//! cannot be known exactly, the bound that certainly holds is taken, so that nothing right is called wrong.

use super::rules::{Case, is_delivered, is_pulled};
use super::{Found, hours, rules};
use crate::watch::{Seen, Step};
use crate::ways::Pace;
use chrono::{DateTime, TimeDelta, Utc};
use domain::calendar::StageWindow;
use domain::fleet::{Audience, EnvironmentKind, StageKey};
use domain::health::GatePolicy;
use domain::ids::UpdateId;
use domain::rollout::halt::HaltScope;
use domain::rollout::{StageFacts, StageState, UpdateState};
use store::census::WholeRollout;
use store::update::Update;

/// Of all that were due, whatever a person accepted.
const FLOOR_PERCENT: usize = 50;

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    for (id, before) in &step.rollouts_before {
        let Some(after) = seen.rollouts.get(id) else {
            found.push(Found::new("I9", format!("rollout {id} is gone")));
            continue;
        };
        let pairs = before.stages.iter().zip(&after.stages);
        for (before, now) in pairs.filter(|(before, now)| before.state != now.state) {
            stage(seen, step, after, before, now, found);
        }
        approvals(after, found);
    }
}

fn stage(
    seen: &Seen,
    step: &Step,
    whole: &WholeRollout,
    before: &StageFacts,
    now: &StageFacts,
    found: &mut Vec<Found>,
) {
    let name = format!("{} of {}", now.key, whole.rollout.train);
    match (before.state, now.state) {
        (StageState::Waiting, StageState::Open { opened_at } | StageState::Passed { opened_at, .. }) => {
            opened(step, whole, now, opened_at, &name, found);
        }
        (StageState::Open { opened_at: was }, StageState::Passed { opened_at, .. }) if was == opened_at => {}
        (was, is) => found.push(Found::new("I2", format!("{name} went from {was:?} to {is:?}"))),
    }
    if let StageState::Passed { passed_at, .. } = now.state {
        // What was taken ahead until this very step may stand again by the same plan: no stage waited for it.
        let pulled = step.changes.iter().filter_map(|change| change.before.as_ref()).filter(|was| is_pulled(was));
        let pulled: Vec<UpdateId> = pulled.map(|was| was.id).collect();
        let evidence = Evidence::count(seen, whole, now, passed_at, &pulled);
        let pace = pace_at(step, whole, passed_at);
        if let Some(why) = evidence.against(whole, passed_at, pace.bake_hours) {
            found.push(Found::new("I2", format!("{name} passed at {passed_at}: {why}")));
        }
    }
}

/// Production after the sandboxes of its station; each audience after what ends before it begins at earlier stations.
fn goes_before(before: StageWindow, stage: StageWindow) -> bool {
    let (b, s) = (before.stage, stage.stage);
    let own = b.station == s.station && b.audience == Audience::Sandbox && s.audience == Audience::Production;
    own || (b.audience == s.audience && b.station < s.station && before.last < stage.first)
}

fn pace_at(step: &Step, whole: &WholeRollout, at: DateTime<Utc>) -> Pace {
    step.ways_before.pace(whole.rollout.id, &whole.rollout.policy, at)
}

fn opened(
    step: &Step,
    whole: &WholeRollout,
    now: &StageFacts,
    opened_at: DateTime<Utc>,
    name: &str,
    found: &mut Vec<Found>,
) {
    let not_passed = |stage: &&StageFacts| !matches!(stage.state, StageState::Passed { .. });
    let unmet = whole.stages.iter().filter(|before| goes_before(before.window, now.window)).find(not_passed);
    if let Some(before) = unmet {
        found.push(Found::new("I2", format!("{name} opened, and {} has not passed", before.key)));
    }
    let station = now.key.station;
    if station.0 > 1 && !whole.approvals.iter().any(|(approved, _)| *approved == station) {
        found.push(Found::new("I11", format!("{name} opened without an approval")));
    }
    // An emergency path may wait for no window (E1), and tells of it first.
    let pace = pace_at(step, whole, opened_at);
    let any_night = pace.any_night_since.is_some_and(|since| since + pace.notice <= opened_at);
    // The first night of a date starts a day before it at the earliest.
    let first = now.window.first.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc() - TimeDelta::days(1);
    if opened_at < first && !any_night {
        found.push(Found::new("I2", format!("{name} opened at {opened_at}, before its window")));
    }
}

fn approvals(whole: &WholeRollout, found: &mut Vec<Found>) {
    for (station, approval) in &whole.approvals {
        if whole.rollout.state.started_by() == Some(approval.by) {
            let what = format!("{} approved station {station} of the train that they started", approval.name);
            found.push(Found::new("I11", what));
        }
        if whole.approvals.iter().filter(|(other, _)| other == station).count() > 1 {
            found.push(Found::new("I11", format!("station {station} was approved twice")));
        }
    }
}

/// When as many had succeeded as surely were needed: the bake begins no earlier.
pub fn enough_at(seen: &Seen, whole: &WholeRollout, stage: StageKey, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let stage = whole.stages.iter().find(|known| known.key == stage)?;
    let evidence = Evidence::count(seen, whole, stage, at, &[]);
    let needed = evidence.needed(whole.rollout.policy.gate).max(1);
    evidence.succeeded_at.get(needed - 1).copied()
}

/// What certainly holds of a stage at an instant.
#[derive(Debug, Default)]
struct Evidence {
    /// Whose own window holds a night of theirs, and who are aboard: at least so many were due.
    due_least: usize,
    succeeded_at: Vec<DateTime<Utc>>,
    /// Everybody in the stage: as many as can have started.
    members: usize,
    /// Failed before, not mended, not seen by whoever resumed.
    failed: usize,
    resumed: bool,
}

impl Evidence {
    /// `apart`: nobody waited for these.
    fn count(seen: &Seen, whole: &WholeRollout, stage: &StageFacts, at: DateTime<Utc>, apart: &[UpdateId]) -> Self {
        let resumed_at = rules::resumed_at(whole);
        let mut evidence = Self { resumed: resumed_at.is_some(), ..Self::default() };
        let own = |update: &&Update| update.rollout == whole.rollout.id && update.stage == Some(stage.key);
        for update in seen.updates.values().filter(own) {
            match &update.state {
                UpdateState::Succeeded { finished_at, .. } if *finished_at <= at => {
                    evidence.succeeded_at.push(*finished_at);
                }
                _ if is_delivered(update) => {}
                _ => {
                    let counts = |failed: DateTime<Utc>| failed < at && resumed_at.is_none_or(|seen| failed > seen);
                    evidence.failed += usize::from(update.last_failed_at.is_some_and(counts));
                }
            }
            evidence.members += 1;
            evidence.due_least += usize::from(!apart.contains(&update.id) && is_surely_due(seen, stage, update, at));
        }
        evidence.succeeded_at.sort_unstable();
        evidence
    }

    /// So many at least had to succeed.
    fn needed(&self, gate: GatePolicy) -> usize {
        let percent =
            if self.resumed { FLOOR_PERCENT } else { usize::from(gate.succeeded_percent_min).max(FLOOR_PERCENT) };
        (self.due_least * percent).div_ceil(100)
    }

    /// `bake_hours`: as they were owed then (E1).
    fn against(&self, whole: &WholeRollout, passed_at: DateTime<Utc>, bake_hours: u16) -> Option<String> {
        let gate = whole.rollout.policy.gate;
        let needed = self.needed(gate);
        let baked_by = passed_at - TimeDelta::hours(bake_hours.into());
        let baked = self.succeeded_at.iter().filter(|at| **at <= baked_by).count();
        let succeeded = self.succeeded_at.len();
        if baked < needed {
            return Some(format!("{needed} had to succeed, {succeeded} did, {baked} of them are baked"));
        }
        let stages = whole.stages.len();
        let is_enough = self.failed >= gate.failures_min as usize;
        let is_harm = is_enough && rejects(gate, stages, self.members, self.failed);
        is_harm.then(|| format!("{} of at most {} failed, which no usual build does", self.failed, self.members))
    }
}

/// The test of `health::sequential` in its product form, written anew: whether so many failures of at most `started`
/// reject "no worse than usual" at the level of one stage. More starts only weaken it.
fn rejects(gate: GatePolicy, stages: usize, started: usize, failed: usize) -> bool {
    let level = f64::from(gate.alpha_permille) / 1000.0 / 2.0 / number(stages.max(1));
    rejects_at(gate, level, started, failed)
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

pub fn rejects_at(gate: GatePolicy, level: f64, started: usize, failed: usize) -> bool {
    let baseline = f64::from(gate.baseline_permille) / 1000.0;
    let (failures, others) = (number(failed), number(started.saturating_sub(failed)));
    let term = |j: u8| {
        let odds = f64::exp2(f64::from(j) / 2.0) * baseline / (1.0 - baseline);
        let rate = odds / (1.0 + odds);
        (rate / baseline).powf(failures) * ((1.0 - rate) / (1.0 - baseline)).powf(others)
    };
    let evidence = (1..=16).map(term).sum::<f64>() / 16.0;
    // A hair above the threshold, for the sums are not rounded alike.
    evidence > 1.001 / level
}

/// Aboard, with an allowed night in the window. Production waits for its sandboxes and followers for their production,
/// which can take their turn out of the window: of those only what certainly stands by itself.
fn is_surely_due(seen: &Seen, stage: &StageFacts, update: &Update, at: DateTime<Utc>) -> bool {
    let Some(environment) = seen.fleet.get(&update.environment) else { return false };
    let aboard = !matches!(
        update.state,
        UpdateState::Skipped { .. } | UpdateState::Held { .. } | UpdateState::AlreadySatisfied { .. }
    );
    let StageKey { audience, .. } = stage.key;
    let has_sandboxes = || {
        seen.fleet
            .values()
            .any(|other| other.customer == environment.customer && other.kind == EnvironmentKind::Sandbox)
    };
    let stands_alone = update.follows.is_none() && (audience == Audience::Sandbox || !has_sandboxes());
    // No stage waits for a customer who is halted alone, nor for nights that are frozen (rule H2).
    let Some(case) = Case::of(seen, update) else { return false };
    let kept_apart = seen
        .halts
        .values()
        .any(|(halt, _)| matches!(halt.scope, HaltScope::Customer { customer, .. } if customer == update.customer));
    // Under an emergency path its window was another, on any of these days.
    let any_night_since = seen.ways.pace(update.rollout, &case.whole.rollout.policy, at).any_night_since;
    let first = any_night_since.map_or(stage.window.first, |since| since.date_naive().min(stage.window.first));
    let mut days = first.iter_days().take_while(|day| *day <= stage.window.last);
    // Nor for a night that another train has (rule R1), or had when this was last looked at: that one gives it back makes
    // nobody due.
    let taken = |day| {
        let mut others = seen
            .updates
            .values()
            .filter(|other| other.environment == update.environment && other.rollout != update.rollout);
        let moved_from = |other: &Update| match &other.state {
            UpdateState::Announced { moved, .. } => moved.as_ref().map(|moved| moved.from),
            _ => None,
        };
        others.any(|other| {
            let mut nights = other.state.night_or_tried().into_iter().chain(moved_from(other));
            nights.any(|night| night.date == day)
        })
    };
    let is_its_day = |day| any_night_since.is_some() || hours::day_allows(environment, day);
    let free = |day| is_its_day(day) && !case.is_frozen(&seen.freezes, day) && !taken(day);
    // No stage waits for what its owner takes ahead.
    let has_a_night = if any_night_since.is_some() { days.all(free) } else { days.any(free) };
    aboard && !is_pulled(update) && stands_alone && !kept_apart && has_a_night
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_usual_build_does_is_harm() {
        // Three of four fail 1 time in 26,000 (see `health::sequential`); the level of one stage of one is 1 in 40.
        assert!(rejects(GatePolicy::DEFAULT, 1, 4, 3));
        assert!(!rejects(GatePolicy::DEFAULT, 1, 41, 3));
        assert!(!rejects(GatePolicy::DEFAULT, 1, 1_000_000, 3), "many more starts hide it, and break no sum");
        assert!(!rejects(GatePolicy::DEFAULT, 1, 300, 0));
    }
}
