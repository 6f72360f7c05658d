//! I15: while nothing goes wrong, nothing that may happen waits for longer than two ticks of a server that leads.

use super::rules::{self, Case};
use super::{Found, hours, overdue};
use crate::watch::Seen;
use chrono::{DateTime, Utc};
use domain::calendar::Night;
use domain::fleet::{Audience, StageKey};
use domain::ids::UpdateId;
use domain::rollout::{RolloutState, StageState, UpdateState};
use std::collections::{BTreeMap, BTreeSet};
use store::census::WholeRollout;
use store::update::Update;

/// The first tick of a series may find what it has to make good; the second has to do it.
const TICKS_MAX: u32 = 2;

/// How many good ticks in a row something could have happened and did not.
#[derive(Debug, Default)]
pub struct Patience {
    waits: BTreeMap<String, u32>,
    /// What ran after the tick before: what ends in a tick has its room until then.
    ran: BTreeSet<UpdateId>,
}

impl Patience {
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// After a tick that led and in which nothing failed.
    pub fn ticked(&mut self, seen: &Seen, now: DateTime<Utc>) -> Vec<Found> {
        let stuck = stuck(seen, &self.ran, now);
        self.ran = seen.updates.values().filter(|update| update.state.is_running()).map(|update| update.id).collect();
        let before = std::mem::take(&mut self.waits);
        self.waits =
            stuck.into_iter().map(|what| (what.clone(), before.get(&what).copied().unwrap_or(0) + 1)).collect();
        let over = self.waits.iter().filter(|(_, ticks)| **ticks > TICKS_MAX);
        over.map(|(what, ticks)| Found::new("I15", format!("{what}, for {ticks} ticks"))).collect()
    }
}

/// Everything that may happen now and has not. `ran`: updates that had their room when it was decided.
pub fn stuck(seen: &Seen, ran: &BTreeSet<UpdateId>, now: DateTime<Utc>) -> Vec<String> {
    let running = |whole: &&WholeRollout| {
        let build = &whole.rollout.build;
        let stopped = seen.halted.contains_key(build) || seen.withheld.contains_key(build);
        matches!(whole.rollout.state, RolloutState::Running { .. }) && !stopped
    };
    let mut stuck = Vec::new();
    for whole in seen.rollouts.values().filter(running) {
        stuck.extend(
            whole
                .stages
                .iter()
                .filter(|stage| may_open(seen, whole, stage, now))
                .map(|stage| format!("{} of {} ({}) may open", stage.key, whole.rollout.train, whole.rollout.id)),
        );
        stuck.extend(overdue::stuck(seen, whole, now));
        let own = seen.updates.values().filter(|update| update.rollout == whole.rollout.id);
        stuck.extend(own.filter_map(|update| waits(seen, ran, (whole, update), now)));
    }
    stuck
}

fn may_open(seen: &Seen, whole: &WholeRollout, stage: &domain::rollout::StageFacts, now: DateTime<Utc>) -> bool {
    let halted = seen.halts.values().any(|(halt, _)| rules::stops_stage(halt.scope, whole, stage.key));
    if halted || seen.freezes.of_everybody(now.date_naive()).is_some() {
        return false;
    }
    let key = stage.key;
    let passed = whole.stages.iter().all(|before| {
        let b = before.key;
        let own = b.station == key.station && b.audience == Audience::Sandbox && key.audience == Audience::Production;
        let earlier = b.audience == key.audience && b.station < key.station && before.window.last < stage.window.first;
        !(own || earlier) || matches!(before.state, StageState::Passed { .. })
    });
    let approved = key.station.0 == 1 || whole.approvals.iter().any(|(station, _)| *station == key.station);
    // Every night of the first date has begun a day after it.
    let due = passed && approved && now.date_naive() > stage.window.first;
    stage.state == StageState::Waiting && due && (key.audience == Audience::Sandbox || is_proven(seen, whole, key))
}

/// Rule G1: where sandboxes up to this station take part, or would at a greater share, one of them was updated, and has the
/// build still.
fn is_proven(seen: &Seen, whole: &WholeRollout, production: StageKey) -> bool {
    let before = |stage: StageKey| stage.audience == Audience::Sandbox && stage.station <= production.station;
    let of_stage = |update: &Update| update.stage.filter(|stage| update.rollout == whole.rollout.id && before(*stage));
    let sandboxes = seen.updates.values().filter_map(|update| Some((of_stage(update)?, update)));
    let (mut could, mut did) = (false, false);
    for (stage, update) in sandboxes {
        could |= !matches!(update.state, UpdateState::Skipped { .. }) || whole.rollout.policy.percent(stage) < 100;
        let has_it = Case::of(seen, update).is_some_and(|case| case.runs_it(update.environment));
        did |= has_it && matches!(update.state, UpdateState::Succeeded { .. } | UpdateState::AlreadySatisfied { .. });
    }
    did || !could
}

fn waits(
    seen: &Seen,
    ran: &BTreeSet<UpdateId>,
    (whole, update): (&WholeRollout, &Update),
    now: DateTime<Utc>,
) -> Option<String> {
    let UpdateState::Announced { night, .. } = update.state else { return None };
    let name = || format!("update {} of {}", update.id, whole.rollout.train);
    let case = Case::of(seen, update)?;
    if is_halted(case, update) {
        return None;
    }
    if now + rules::declared(whole) > night.end {
        return Some(format!("{} missed the night of {} and has no other", name(), night.date));
    }
    let has_room_until = |other: &&Update| other.state.is_running() || ran.contains(&other.id) && other.id != update.id;
    let running: Vec<&Update> = seen.updates.values().filter(has_room_until).collect();
    let ready = is_ready(case, update, now) && has_room(seen, whole, update, &running);
    ready.then(|| format!("{} may start", name()))
}

/// Its station, its customer or everything.
fn is_halted(case: Case<'_>, update: &Update) -> bool {
    case.seen.halts.values().any(|(halt, _)| case.is_stopped_by(halt.scope, update.stage))
}

/// Announced, and nothing but room can keep it from starting.
pub fn is_ready(case: Case<'_>, update: &Update, now: DateTime<Utc>) -> bool {
    let UpdateState::Announced { night, .. } = update.state else { return false };
    let (seen, whole) = (case.seen, case.whole);
    let pulled = rules::is_pulled(update);
    let open = whole.stages.iter().any(|stage| Some(stage.key) == update.stage && stage.state != StageState::Waiting);
    let follows = update.follows.is_none_or(|production| {
        let done = case.updates().any(|other| {
            other.environment == production
                && matches!(other.state, UpdateState::Succeeded { .. } | UpdateState::AlreadySatisfied { .. })
        });
        // One that went back since is not followed.
        done && case.runs_it(production)
    });
    // What is left out has failed and is not waited for.
    let sandbox_failed =
        case.is_production() && case.own_sandboxes().any(|sandbox| rules::is_failed(sandbox, rules::resumed_at(whole)));
    // One that was not updated in its night is waited for, and its gap after that.
    let is_late = |sandbox: &Update| match &sandbox.state {
        UpdateState::Announced { night, .. } => now + rules::declared(whole) > night.end,
        UpdateState::Failed { .. } => true,
        _ => false,
    };
    let sandbox_late = !pulled && case.is_production() && case.own_sandboxes().any(is_late);
    let in_time = night.start <= now && now + rules::declared(whole) <= night.end;
    in_time
        && (open || pulled)
        && follows
        && !sandbox_failed
        && !sandbox_late
        && !is_halted(case, update)
        && !case.is_frozen(&seen.freezes, night.date)
        && case.kept_out(update, now).is_none()
        && (pulled || is_its_night(case, update, night, now))
}

/// Within its window and on its days, unless an emergency path waits for neither.
fn is_its_night(case: Case<'_>, update: &Update, night: Night, now: DateTime<Utc>) -> bool {
    let rollout = &case.whole.rollout;
    let stage = case.whole.stages.iter().find(|stage| Some(stage.key) == update.stage);
    let is_early = stage.is_some_and(|stage| night.date < stage.window.first);
    case.seen.ways.pace(rollout.id, &rollout.policy, now).any_night_since.is_some()
        || (!is_early && hours::day_allows(case.environment, night.date))
}

/// In every cap (C1), where these run.
pub fn has_room(seen: &Seen, whole: &WholeRollout, update: &Update, running: &[&Update]) -> bool {
    let caps = whole.rollout.policy.caps;
    let region = |update: &Update| seen.fleet.get(&update.environment).map(|environment| environment.region.clone());
    let station = |update: &Update| update.stage.map(|stage| stage.station);
    let count = |same: &dyn Fn(&Update) -> bool| {
        u32::try_from(running.iter().filter(|other| same(other)).count()).unwrap_or(u32::MAX)
    };
    count(&|other| other.environment == update.environment) == 0
        && count(&|other| other.rollout == update.rollout) < caps.rollout
        && count(&|other| station(other) == station(update)) < caps.station
        && count(&|other| region(other) == region(update)) < caps.region
        && count(&|other| other.customer == update.customer) < caps.customer
}
