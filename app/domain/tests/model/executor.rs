//! The mirror of the executor: what one transaction of the engine (`services::engine`) does to the database. Decisions
//! are the planner's, edges the state machines'; only the conditions of the writes are played here.
//!
//! | here | there |
//! |---|---|
//! | [`commit`] | `apply::apply_plan`, with `store::update::save_state` under `Expect::State` |
//! | [`refusal`], [`send_back`], [`claim`] | `dispatch::begin` |
//! | [`outcome`] | `ask::next_state` and `runner::write_progress` |

use crate::database::{Database, Row};
use crate::scene::Scene;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{EnvironmentId, UpdateId};
use domain::rollout::halt::{StartTarget, stops_start};
use domain::rollout::{
    Action, EnvironmentReason, Explanation, HaltCause, Plan, RolloutState, StageState, UpdateFacts, UpdateState,
    WrongEdge,
};

/// As in `runner`: an update of which nothing good is heard for this long has failed.
pub const SILENCE_MAX: TimeDelta = TimeDelta::hours(6);

/// What an environment's deployer says of the attempt asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Progress {
    Running,
    Applied,
    Healthy,
    Failed,
}

/// An update is no longer what the plan saw: the transaction is rolled back.
#[derive(Debug)]
pub struct Conflict;

/// A plan made of `seen`, written over what is there now. Generation and epoch were compared before.
pub fn commit(
    scene: &Scene,
    there: &Database,
    seen: &Database,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<Database, Conflict> {
    let mut after = there.clone();
    if let Some(cause) = plan.halt() {
        halt(&mut after, cause.clone(), now);
    }
    for action in &plan.actions {
        act(scene, &mut after, seen, action, now)?;
    }
    Ok(after)
}

/// `halt_build`: the build, and every rollout of it that runs.
pub fn halt(database: &mut Database, cause: HaltCause, now: DateTime<Utc>) {
    database.build_halted = Some(cause.sentence());
    if let Ok(halted) = database.rollout.clone().halt(cause, now) {
        database.rollout = halted;
    }
}

fn act(
    scene: &Scene,
    after: &mut Database,
    seen: &Database,
    action: &Action,
    now: DateTime<Utc>,
) -> Result<(), Conflict> {
    match action {
        Action::Enrol { environment, stage, follows, state, why, part, early, .. } => {
            let facts = UpdateFacts {
                id: UpdateId::new(environment.uuid()),
                stage: *stage,
                follows: *follows,
                state: state.clone(),
                attempts: 0,
                failed_at: None,
                reasons: why.reasons.clone(),
                next: why.next,
                part: *part,
                early: *early,
                pull: None,
            };
            let slot = &mut after.updates[index(scene, *environment)];
            // One update of a rollout for one environment: the table's own key.
            if slot.is_some() {
                return Err(Conflict);
            }
            *slot = Some(Row { facts, dispatched: false });
        }
        Action::Explain { update, why } => explain(&mut row(after, *update).facts, why.clone()),
        Action::Assign { update, part, early, .. } => {
            let facts = &mut row(after, *update).facts;
            (facts.part, facts.early) = (*part, *early);
        }
        Action::OpenStage { stage } | Action::PassStage { stage } => {
            let i = scene.frame.stages.iter().position(|known| known.key == *stage).unwrap();
            let opens = matches!(action, Action::OpenStage { .. });
            after.stages[i] = if opens {
                seen.stages[i].open(now).unwrap()
            } else {
                let was = seen.stages[i];
                let open = if was == StageState::Waiting { was.open(now).unwrap() } else { was };
                open.pass(now).unwrap()
            };
        }
        Action::Halt { .. } => {}
        Action::Complete => after.rollout = seen.rollout.clone().complete(now).unwrap(),
        _ => return move_update(scene, after, seen, action, now),
    }
    Ok(())
}

fn move_update(
    scene: &Scene,
    after: &mut Database,
    seen: &Database,
    action: &Action,
    now: DateTime<Utc>,
) -> Result<(), Conflict> {
    let nothing = Explanation::default();
    let (environment, why) = match action {
        Action::Announce { environment, why, .. }
        | Action::Relocate { environment, why, .. }
        | Action::Retry { environment, why, .. }
        | Action::Start { environment, why, .. }
        | Action::Satisfy { environment, why, .. } => (*environment, why),
        Action::Skip { environment, .. } | Action::Hold { environment, .. } | Action::Reopen { environment, .. } => {
            (*environment, &nothing)
        }
        other => panic!("no update moves by {other:?}"),
    };
    let i = index(scene, environment);
    let believed = &seen.updates[i].as_ref().unwrap().facts;
    let next = edge(believed.state.clone(), action, now).unwrap();
    let row = after.updates[i].as_mut().unwrap();
    if !expected(&row.facts.state, &believed.state) {
        return Err(Conflict);
    }
    if let Action::Reopen { stage, follows, .. } = action {
        (row.facts.stage, row.facts.follows) = (Some(*stage), *follows);
    }
    let own = match action {
        Action::Skip { reason, .. } | Action::Hold { reason, .. } => vec![reason.clone()],
        _ => why.reasons.clone(),
    };
    save(row, next, believed.attempts + u8::from(matches!(action, Action::Start { .. })));
    explain(&mut row.facts, Explanation { reasons: own, next: why.next });
    Ok(())
}

fn edge(state: UpdateState, action: &Action, now: DateTime<Utc>) -> Result<UpdateState, WrongEdge> {
    match action {
        Action::Announce { night, .. } => state.announce(*night, now),
        Action::Relocate { to, reason, .. } => state.relocate(*to, reason.clone(), now),
        Action::Retry { to, .. } => state.retry(*to, now),
        Action::Start { .. } => state.start(now),
        Action::Satisfy { .. } => state.satisfy(now),
        Action::Skip { reason, .. } => state.skip(reason.clone()),
        Action::Hold { reason, .. } => state.hold(reason.clone()),
        _ => state.reopen(),
    }
}

/// `Expect::State`: the name of the state and its night.
fn expected(there: &UpdateState, believed: &UpdateState) -> bool {
    let tag = std::mem::discriminant::<UpdateState>;
    tag(there) == tag(believed) && believed.night().is_none_or(|night| there.night() == Some(night))
}

fn save(row: &mut Row, next: UpdateState, attempts: u8) {
    if let UpdateState::Failed { failed_at, .. } = next {
        row.facts.failed_at = Some(failed_at);
    }
    row.dispatched &= next.is_running();
    (row.facts.state, row.facts.attempts) = (next, attempts);
}

fn explain(facts: &mut UpdateFacts, why: Explanation) {
    (facts.reasons, facts.next) = (why.reasons, why.next);
}

fn index(scene: &Scene, environment: EnvironmentId) -> usize {
    scene.frame.environments.iter().position(|known| known.id == environment).unwrap()
}

fn row(database: &mut Database, id: UpdateId) -> &mut Row {
    database.updates.iter_mut().flatten().find(|row| row.facts.id == id).unwrap()
}

/// Why an update may not begin now; `halts` off is the mistake of a dispatch that does not look at them.
pub fn refusal(
    scene: &Scene,
    database: &Database,
    environment: usize,
    now: DateTime<Utc>,
    halts: bool,
) -> Option<EnvironmentReason> {
    let facts = &database.updates[environment].as_ref()?.facts;
    if halts {
        if !matches!(database.rollout, RolloutState::Running { .. }) || database.build_halted.is_some() {
            return Some(EnvironmentReason::RolloutHalted);
        }
        if let Some(stage) = facts.stage {
            let customer = scene.frame.environments[environment].customer;
            let target = StartTarget { stage: scene.frame.target(stage.station), customer };
            if let Some(halt) = stops_start(&database.halts, target).first() {
                return Some(EnvironmentReason::Halted { why: halt.sentence() });
            }
        }
    }
    let declared = scene.declared();
    let admitted = facts.state.night().is_some_and(|night| night.admits_start(now, declared));
    (!admitted).then(|| EnvironmentReason::WindowTooShort { minutes: declared.num_minutes() })
}

pub fn send_back(database: &Database, environment: usize, reason: EnvironmentReason) -> Database {
    let mut after = database.clone();
    let row = after.updates[environment].as_mut().unwrap();
    let back = row.facts.state.clone().never_begun().unwrap();
    save(row, back, row.facts.attempts.saturating_sub(1));
    explain(&mut row.facts, Explanation { reasons: vec![reason], next: None });
    after
}

pub fn claim(database: &Database, environment: usize) -> Database {
    let mut after = database.clone();
    after.updates[environment].as_mut().unwrap().dispatched = true;
    after
}

/// What was heard, written; `None` where nothing follows from it.
pub fn outcome(database: &Database, environment: usize, heard: Progress, now: DateTime<Utc>) -> Option<Database> {
    let mut after = database.clone();
    let row = after.updates[environment].as_mut()?;
    let state = row.facts.state.clone();
    let (UpdateState::InProgress { started_at, .. } | UpdateState::Verifying { started_at, .. }) = state else {
        return None;
    };
    let verifying = matches!(state, UpdateState::Verifying { .. });
    let next = match heard {
        Progress::Running if now - started_at < SILENCE_MAX => return None,
        Progress::Running => state.fail(format!("not done after {} hours", SILENCE_MAX.num_hours()), now),
        Progress::Applied if verifying => return None,
        Progress::Applied => state.applied(now),
        Progress::Healthy if !verifying => state.applied(now),
        Progress::Healthy => state.confirm(now),
        Progress::Failed => state.fail("disk full".into(), now),
    };
    save(row, next.unwrap(), row.facts.attempts);
    Some(after)
}
