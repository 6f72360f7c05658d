//! The model check of the rollout engine: stage × gate × halt × approval × two servers, in every order of events, with
//! `stateright` (breadth first, every reachable state of a small world). The rules checked are I2 to I5, in `laws`, said
//! apart from the planner; `sometimes` properties show that the machine gets anywhere at all.
//!
//! | part | real or mirror |
//! |---|---|
//! | decisions | real: `domain::rollout::plan`, with its gates, tallies and halts |
//! | edges of rollout, stage, update | real: `RolloutState`, `StageState`, `UpdateState` |
//! | facts (`database`) | mirror of `store::rollout::load_facts`, with the real `Counted` and `StageTally` |
//! | transactions (`executor`) | mirror of `services::engine::{apply, dispatch, runner}` |
//! | lease, generation, servers, deployer (`machine`) | mirror of `store::lease`, `store::rollout::bump`, `engine::tick` |
//! | people (`shelf`) | mirror of `services::rollout`; halts of stations and customers must bump the generation |
//!
//! What the small world leaves out, or bounds. Every estate is loaded in each plan. An outcome is heard and written in
//! one step. The lease changes hands once, at any moment, and one crash (none where updates fail) comes at any moment.
//! An update ends within its night. A call to the deployer does not outlive the lease of its claim: real time holds
//! that (two seconds against thirty), nothing else does, and [`Mistake::LateCall`] shows what follows where a frozen
//! process breaks it: the environment is updated though its update was sent back. Not here: telemetry, freezes, letters.

#![expect(clippy::unwrap_used, reason = "what cannot be built here is a failed test")]

mod database;
mod executor;
mod laws;
mod machine;
mod properties;
mod scene;
mod shelf;
mod state;

use machine::Machine;
use properties::{CAPS, DISPATCHES, ONE_UPDATE, ONE_WRITER, OPENS, PASSES, STANDS, STARTS};
use rstest::rstest;
use scene::Scene;
use shelf::Mistake;
use stateright::{Checker, HasDiscoveries, Model};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Two cores, which other tests share.
const THREADS: usize = 2;

/// Far more than it takes; a check that was cut short is none.
const PATIENCE: Duration = Duration::from_mins(4);

fn explore(scene: Scene, states_min: usize) {
    let begun = Instant::now();
    let checker = Machine::new(scene, None).checker().threads(THREADS);
    let checker = checker.timeout(PATIENCE).spawn_bfs().join();
    let (states, depth) = (checker.unique_state_count(), checker.max_depth());
    let databases = checker.model().shelf.len();
    let seconds = begun.elapsed().as_secs_f64();
    println!("{states} states, {databases} databases, {depth} steps deep, in {seconds:.1} s");
    assert!(begun.elapsed() < PATIENCE, "not every state was reached");
    checker.assert_properties();
    assert!(states >= states_min, "only {states} states were reached");
}

#[test]
fn a_person_halts() {
    explore(scene::two_stations(1, 0), 1_800_000);
}

#[test]
fn an_update_fails() {
    explore(scene::two_stations(0, 1), 700_000);
}

#[test]
fn a_station_or_a_customer_is_halted() {
    explore(scene::one_station(), 1_850_000);
}

#[rstest]
#[case::generation(Mistake::NoGeneration, STARTS)]
#[case::whole_row(Mistake::WholeRow, STANDS)]
#[case::epoch(Mistake::NoEpoch, ONE_WRITER)]
#[case::dispatch(Mistake::NoHaltAtDispatch, DISPATCHES)]
#[case::silent_halt(Mistake::SilentHalt, OPENS)]
#[case::in_flight(Mistake::NothingInFlight, CAPS)]
#[case::bake(Mistake::NoBake, PASSES)]
#[case::late_call(Mistake::LateCall, ONE_UPDATE)]
fn a_planted_mistake_is_found(#[case] mistake: Mistake, #[case] broken: &'static str) {
    let scene = match mistake {
        Mistake::SilentHalt => scene::one_station(),
        Mistake::NoBake | Mistake::NothingInFlight => scene::two_stations(0, 0),
        _ => scene::two_stations(1, 0),
    };
    let checker = Machine::new(scene, Some(mistake)).checker().threads(THREADS).timeout(Duration::from_mins(1));
    let checker = checker.finish_when(HasDiscoveries::AllOf(BTreeSet::from([broken]))).spawn_bfs().join();
    let path = checker.assert_any_discovery(broken).into_actions();
    println!("{mistake:?}: {broken}: found after {} states: {path:?}", checker.unique_state_count());
}
