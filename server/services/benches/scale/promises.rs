//! What is measured: planning everybody, the ticks that carry it out, ticks over the whole fleet, halts.

use crate::fleet::Fleet;
use crate::measure::{Promise, Table, Took, Watch, forget_memory};
use chrono::TimeDelta;
use domain::ids::CustomerId;
use domain::permission::Role;
use domain::rollout::{Preview, RolloutState, plan};
use domain::wire::problem::FormOutcome;
use services::engine::TickOutcome;
use std::time::Duration;
use store::rollout::{ESTATES_PER_PLAN, Reach, load_facts};

const PLAN_MAX: Duration = Duration::from_secs(10);
const PLAN_MEMORY_MAX: u64 = 600_000_000;
const TICK_MAX: Duration = Duration::from_millis(250);
const HALT_MAX: Duration = Duration::from_secs(2);
/// Ticks that are looked at, of each kind.
const TICKS: usize = 120;
/// Five of the pauses of the server's loop: what starts in these ticks ends in them.
const PACE: TimeDelta = TimeDelta::seconds(5);

pub async fn measure(fleet: &Fleet, table: &mut Table) {
    forget_memory();
    planning(fleet, table).await;
    table.add_memory("memory until here", Promise::Memory(PLAN_MEMORY_MAX));
    enrolment(fleet, table).await;
    ticks(fleet, table).await;
    halts(fleet, table).await;
    table.add_memory("memory in all", Promise::None);
}

/// The whole fleet through the planner, as the engine does it: some estates at a time. Reading them is told apart.
async fn planning(fleet: &Fleet, table: &mut Table) {
    let db = fleet.services.db();
    let customers: Vec<CustomerId> =
        store::customer::list(db.reader()).await.unwrap().into_iter().map(|customer| customer.id).collect();
    let now = fleet.services.now();
    let started = RolloutState::Draft.start(fleet.by(Role::ReleaseManager).actor.user, now).unwrap();
    let (mut reading, mut planning, mut previewing) = (Took::default(), Took::default(), Took::default());
    let (mut enrolled, mut preview) = (0, Preview::default());
    for some in customers.chunks(usize::try_from(ESTATES_PER_PLAN).unwrap()) {
        let watch = Watch::start();
        let mut facts = load_facts(db.reader(), fleet.rollout, Reach::These(some)).await.unwrap().unwrap().facts;
        reading += watch.stop();
        let watch = Watch::start();
        preview.add(&facts, now);
        previewing += watch.stop();
        facts.state = started.clone();
        let watch = Watch::start();
        enrolled += plan(&facts, now).actions.iter().filter_map(domain::rollout::Action::changes).count();
        planning += watch.stop();
    }
    assert_eq!(enrolled, fleet.environments as usize, "everybody is aboard");
    table.add("planning the whole fleet", planning, Promise::Time(PLAN_MAX));
    table.add("its preview: nights, counts", previewing, Promise::Time(PLAN_MAX));
    table.add("reading the whole fleet for that", reading, Promise::None);
}

async fn tick(fleet: &Fleet) -> (TickOutcome, Took) {
    let watch = Watch::start();
    let outcome = fleet.services.engine_tick("benchmark").await.unwrap();
    assert_eq!((outcome.failed, outcome.stood_by), (0, false));
    (outcome, watch.stop())
}

/// The ticks after the start of a rollout, in which everybody is enrolled and the first nights are announced.
async fn enrolment(fleet: &Fleet, table: &mut Table) {
    let watch = Watch::start();
    let outcome = fleet.services.start_rollout(&fleet.by(Role::ReleaseManager), fleet.rollout).await.unwrap();
    assert!(matches!(outcome, FormOutcome::Done { .. }), "{outcome:?}");
    table.add("start of the rollout, committed", watch.stop(), Promise::None);
    let watch = Watch::start();
    let (mut count, mut longest) = (0_u32, Duration::ZERO);
    loop {
        let (outcome, took) = tick(fleet).await;
        count += 1;
        longest = longest.max(took.wall);
        if !outcome.unfinished && outcome.applied == 0 {
            break;
        }
    }
    let what = format!("enrolling everybody: {count} ticks, the longest {:.3} s", longest.as_secs_f64());
    table.add(&what, watch.stop(), Promise::None);
}

async fn ticks(fleet: &Fleet, table: &mut Table) {
    let mut idle = Vec::new();
    for _ in 0..TICKS {
        fleet.clock.advance(PACE);
        idle.push(tick(fleet).await.1);
    }
    table.add_runs("a tick where nothing is due", idle, TICK_MAX);
    let (mut moving, mut telling) = (Vec::new(), Vec::new());
    let mut before = 0;
    // Ten days hold the first nights; in a small fleet few start and end in them.
    let last = fleet.services.now() + TimeDelta::days(10);
    while moving.len() < TICKS && fleet.services.now() < last {
        let (outcome, took) = tick(fleet).await;
        let running = store::update::running(fleet.services.db().reader()).await.unwrap().len();
        let is_moving = running != before || outcome.reported > 0;
        if is_moving {
            moving.push(took);
        } else if outcome.applied > 0 {
            telling.push(took);
        }
        fleet.clock.advance(match (is_moving, running, outcome.applied) {
            (_, 0, 0) => TimeDelta::minutes(30),
            // All are told of their nights within hours, as by a server: else the first nights pass.
            (true, ..) | (_, 0, _) => PACE,
            _ => TimeDelta::minutes(1),
        });
        before = running;
    }
    table.add_runs("a tick that announces nights", telling, TICK_MAX);
    table.add_runs("a tick in the first nights, in which updates start and end", moving, TICK_MAX);
}

/// By evidence: what runs fails, until the gate stops the build. By a person: a form.
async fn halts(fleet: &Fleet, table: &mut Table) {
    for environment in &fleet.early {
        fleet.deployer.fail(*environment, u8::MAX, "the service does not come up");
    }
    let halted = async || {
        let rollout = store::rollout::find(fleet.services.db().reader(), fleet.rollout).await.unwrap().unwrap();
        matches!(rollout.state, RolloutState::Halted { .. })
    };
    let last = fleet.services.now() + TimeDelta::days(10);
    let took = loop {
        fleet.clock.advance(TimeDelta::minutes(5));
        assert!(fleet.services.now() < last, "nothing ran that could fail: the fleet is too small");
        let (_, took) = tick(fleet).await;
        if halted().await {
            break took;
        }
    };
    table.add("the tick that hears of failures and halts the build", took, Promise::Time(HALT_MAX));
    let watch = Watch::start();
    let by = fleet.by(Role::ReleaseManager);
    let outcome = fleet.services.resume_rollout(&by, fleet.rollout, "looked at").await.unwrap();
    assert!(matches!(outcome, FormOutcome::Done { .. }), "{outcome:?}");
    table.add("a resume, which counts every stage anew", watch.stop(), Promise::None);
    let watch = Watch::start();
    let by = fleet.by(Role::IncidentLead);
    let outcome = fleet.services.halt_rollout(&by, fleet.rollout, "customers cannot sign in").await.unwrap();
    assert!(matches!(outcome, FormOutcome::Done { .. }), "{outcome:?}");
    table.add("a halt by a person, with the first letters", watch.stop(), Promise::Time(HALT_MAX));
}
