//! The rules I2 to I5, said once more and apart from the planner: what must never be true of a write, of the database
//! or of the fleet. `machine` makes properties of them.

use crate::database::{Database, Row, succeeded_at};
use crate::scene::{FLEET, Scene};
use chrono::{DateTime, Utc};
use domain::fleet::{Audience, StageKey, StationNumber};
use domain::rollout::halt::StartTarget;
use domain::rollout::{Action, HaltCause, Part, Plan, RolloutState, StageState, UpdateState};

/// What went wrong, once it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Breach {
    /// I2.
    StageOpensEarly,
    /// I2.
    StagePassesEarly,
    /// I4: a write under an epoch that has passed.
    OldEpochWrites,
    /// I4: a second attempt was handed on while the first worked.
    TwoAttempts,
    /// I5: a start was committed, or claimed for its dispatch, where a halt stood.
    StartAfterHalt,
    DispatchAfterHalt,
    /// A halt was lifted by anything but a person.
    HaltUndone,
}

/// Where the rollout came to, as far as the properties ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ending {
    #[default]
    None,
    GateHalted,
    Completed,
}

/// What is asked of a database again and again, found once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Digest {
    /// The attempt that runs, 0 for none, and the station that it counts in.
    pub running: [u8; FLEET],
    pub stations: [u8; FLEET],
    pub over_cap: bool,
    pub order_broken: bool,
    pub passed: usize,
    pub second_attempt: bool,
    pub ending: Ending,
}

impl Digest {
    pub fn of(scene: &Scene, database: &Database) -> Self {
        let mut digest = Self::default();
        for i in 0..FLEET {
            let Some(row) = &database.updates[i] else { continue };
            digest.stations[i] = row.facts.stage.map_or(0, |stage| stage.station.0);
            digest.running[i] = if row.facts.state.is_running() { row.facts.attempts } else { 0 };
        }
        digest.over_cap = over_cap(scene, digest.stations, digest.running.map(|attempt| attempt > 0));
        let stages = &scene.frame.stages;
        // Both scenes have two stages, one after the other.
        let passed = |state: &StageState| matches!(state, StageState::Passed { .. });
        digest.order_broken =
            (1..stages.len()).any(|i| database.stages[i].admits() && !database.stages[..i].iter().all(passed));
        digest.passed = database.stages.iter().filter(|state| passed(state)).count();
        digest.second_attempt = database.rows().any(|row| row.facts.attempts > 1);
        digest.ending = match &database.rollout {
            RolloutState::Halted { cause: HaltCause::Gate { .. }, .. } => Ending::GateHalted,
            RolloutState::Completed { .. } => Ending::Completed,
            _ => Ending::None,
        };
        digest
    }
}

/// I3: more at work than a cap allows.
pub fn over_cap(scene: &Scene, stations: [u8; FLEET], at_work: [bool; FLEET]) -> bool {
    let caps = scene.frame.policy.caps;
    let same = |one: usize, other: usize| {
        let (one_of, other_of) = (&scene.frame.environments[one], &scene.frame.environments[other]);
        [
            (true, caps.rollout),
            (stations[one] == stations[other], caps.station),
            (one_of.placement.region == other_of.placement.region, caps.region),
            (one_of.customer == other_of.customer, caps.customer),
        ]
    };
    (0..FLEET).filter(|one| at_work[*one]).any(|one| {
        let mut beside = [0; 4];
        let mut limits = [0; 4];
        for other in (0..FLEET).filter(|other| at_work[*other]) {
            for (i, (is_same, limit)) in same(one, other).into_iter().enumerate() {
                (beside[i], limits[i]) = (beside[i] + u32::from(is_same), limit);
            }
        }
        beside.iter().zip(limits).any(|(count, limit)| *count > limit)
    })
}

/// A halt stands that takes this environment.
pub fn is_stopped(scene: &Scene, database: &Database, environment: usize) -> bool {
    let stage = database.updates[environment].as_ref().and_then(|row| row.facts.stage);
    let customer = scene.frame.environments[environment].customer;
    let takes = |station: StationNumber| {
        let target = StartTarget { stage: scene.frame.target(station), customer };
        database.halts.iter().any(|halt| halt.scope.takes(target))
    };
    !matches!(database.rollout, RolloutState::Running { .. })
        || database.build_halted.is_some()
        || stage.is_some_and(|stage| takes(stage.station))
}

/// What a commit of the engine did to the database that it found.
pub fn of_commit(
    scene: &Scene,
    before: &Database,
    after: &Database,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Option<Breach> {
    if before.rollout.is_halted() && after.rollout != before.rollout
        || before.build_halted.is_some() && after.build_halted.is_none()
        || before.halts != after.halts
    {
        return Some(Breach::HaltUndone);
    }
    plan.actions.iter().find_map(|action| match action {
        Action::OpenStage { stage } => {
            (!may_open(scene, before, after, *stage, now)).then_some(Breach::StageOpensEarly)
        }
        Action::PassStage { stage } => (!may_pass(scene, before, *stage, now)).then_some(Breach::StagePassesEarly),
        Action::Start { environment, .. } => {
            let i = scene.frame.environments.iter().position(|known| known.id == *environment)?;
            is_stopped(scene, before, i).then_some(Breach::StartAfterHalt)
        }
        _ => None,
    })
}

fn is_closed_off(scene: &Scene, database: &Database, stage: StageKey) -> bool {
    !matches!(database.rollout, RolloutState::Running { .. })
        || database.halts.iter().any(|halt| halt.scope.takes_stage(scene.frame.target(stage.station)))
}

/// `after`: two stages may move at one instant, the earlier one first.
fn may_open(scene: &Scene, before: &Database, after: &Database, stage: StageKey, now: DateTime<Utc>) -> bool {
    let i = scene.frame.stages.iter().position(|known| known.key == stage).unwrap();
    let earlier_passed = after.stages[..i].iter().all(|state| matches!(state, StageState::Passed { .. }));
    let approved = stage.station.0 < 2 || before.approvals.iter().any(|(station, _)| *station == stage.station);
    // The first night of the window begins at 04:00.
    let begun = scene.frame.stages[i].window.first.and_hms_opt(4, 0, 0).unwrap().and_utc() <= now;
    earlier_passed && approved && begun && !is_closed_off(scene, before, stage)
}

/// Every environment of the stage that is aboard and waited for was confirmed, but for those whose failure a person
/// accepted, and at least half; the bake since then is over; no failure stands that nobody saw.
fn may_pass(scene: &Scene, before: &Database, stage: StageKey, now: DateTime<Utc>) -> bool {
    let rows: Vec<&Row> = before.rows().filter(|row| row.facts.stage == Some(stage)).collect();
    let of_part = |part| rows.iter().filter(move |row| row.facts.part == part).copied().collect::<Vec<&Row>>();
    let due = of_part(Part::Due);
    let awaited = if due.is_empty() { of_part(Part::Later) } else { due };
    let seen = |at: DateTime<Utc>| before.resumed_at().is_some_and(|resumed| at <= resumed);
    let attempts_max = scene.frame.policy.attempts_max;
    let is_final =
        |row: &Row| row.facts.attempts >= attempts_max || matches!(row.facts.state, UpdateState::Held { .. });
    let accepted = |row: &&&Row| row.facts.unmended_failure().is_some_and(seen) && is_final(row);
    let unseen = rows.iter().any(|row| row.facts.unmended_failure().is_some_and(|at| !seen(at)));
    let count = awaited.len();
    let needed = (count - awaited.iter().filter(accepted).count()).max(count.div_ceil(2));
    let mut confirmed: Vec<DateTime<Utc>> = awaited.iter().filter_map(|row| succeeded_at(&row.facts)).collect();
    confirmed.sort_unstable();
    let baked = match needed.checked_sub(1) {
        None => true,
        Some(last) => confirmed.get(last).is_some_and(|at| *at + scene.bake() <= now),
    };
    // Approved again: the stage passed only if it was open, and production only with its station approved.
    let approved = stage.audience == Audience::Sandbox && stage.station.0 < 2
        || before.approvals.iter().any(|(station, _)| *station == stage.station);
    baked && !unseen && approved && !is_closed_off(scene, before, stage)
}
