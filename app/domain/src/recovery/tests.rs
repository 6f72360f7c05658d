//! The menu with each precondition, plans edge by edge, and that no version goes backwards by itself.

use super::*;
use crate::approval::samples::{approved, digest};
use crate::ids::{BuildId, EnvironmentId, HaltId, RecoveryId};
use crate::people::samples::{person, reasoned};
use crate::release::BuildVersion;
use crate::severity::Severity;
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

const AT: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Build `n` of service update 10.0.48.
fn build(n: u32) -> BuildRef {
    BuildRef {
        id: BuildId::new(Uuid::from_u128(n.into())),
        version: BuildVersion::new([10, 0, 2645, n]),
        service_update: "10.0.48".parse().unwrap(),
    }
}

fn record(n: u32, marked: Schema) -> BuildRecord {
    let schema = Some(vec![SchemaChange { name: format!("change {n}"), marked }]);
    BuildRecord { build: build(n), approved: true, halted: false, schema }
}

fn change(id: &str, flight: Option<bool>) -> ChangeFact {
    let flight = flight.map(|on| Flight { name: format!("flight-{id}"), on });
    ChangeFact { id: id.into(), title: id.into(), flight }
}

fn stricken(id: u128, last: Option<u32>) -> Stricken {
    let last_good = last.map(|n| LastGood { build: build(n), halted: false, restore_point: None });
    Stricken { environment: EnvironmentId::new(Uuid::from_u128(id)), last_good, busy: false }
}

/// Builds 1 to 4; 3 is bad. Environment 1 ran build 2 before, environment 2 ran build 1. All paths are open.
fn facts() -> RecoveryFacts {
    RecoveryFacts {
        halt: Some(HaltId::new(Uuid::from_u128(1))),
        bad: build(3),
        severity: Severity::Medium,
        changes: vec![change("a", Some(true)), change("b", Some(true))],
        suspects: Vec::new(),
        builds: vec![
            record(1, Schema::Irreversible),
            record(2, Schema::Reversible),
            record(3, Schema::Compatible),
            record(4, Schema::Compatible),
        ],
        stricken: vec![stricken(1, Some(2)), stricken(2, Some(1))],
        incoming: 0,
        executor: Capabilities { set_flight: true, roll_back: true, redeploy: true },
        restore_days: Some(14),
    }
}

fn choice(facts: &RecoveryFacts, path: RecoveryPath) -> Choice {
    menu(facts).into_iter().find(|choice| choice.path == path).unwrap()
}

fn closed_by(facts: &RecoveryFacts, path: RecoveryPath) -> Vec<Obstacle> {
    choice(facts, path).obstacles
}

use RecoveryPath::{FallBackByFlight, RedeployLastKnownGood, RollBack, RollForward};

#[test]
fn the_order_follows_severity_and_open_paths_come_first() {
    let order = |facts: &RecoveryFacts| menu(facts).map(|choice| choice.path);
    let mut facts = facts();
    assert!(menu(&facts).iter().all(Choice::open));
    assert_eq!(order(&facts), [FallBackByFlight, RollForward, RollBack, RedeployLastKnownGood]);
    facts.severity = Severity::High;
    assert_eq!(order(&facts), [FallBackByFlight, RollBack, RollForward, RedeployLastKnownGood]);
    facts.executor = Capabilities { redeploy: true, ..Default::default() };
    assert_eq!(order(&facts), [RollForward, RedeployLastKnownGood, FallBackByFlight, RollBack]);
}

#[test]
fn every_failing_precondition_is_listed() {
    let mut facts = facts();
    facts.halt = None;
    facts.executor = Capabilities::default();
    facts.changes = vec![change("a", None), change("b", None), change("c", Some(false))];
    facts.suspects = vec!["a".into(), "c".into(), "z".into()];
    facts.stricken.clear();
    assert_eq!(
        closed_by(&facts, FallBackByFlight),
        [
            Obstacle::NotHalted,
            Obstacle::NobodyRunsIt,
            Obstacle::ExecutorCannotSetFlights,
            Obstacle::UnknownSuspect { change: "z".into() },
            Obstacle::ChangeWithoutFlight { change: "a".into() },
            Obstacle::FlightsAlreadyOff,
        ]
    );
    let back = closed_by(&facts, RollBack);
    assert_eq!(back, [Obstacle::NotHalted, Obstacle::NobodyRunsIt, Obstacle::ExecutorCannotRollBack]);
    let redeploy = closed_by(&facts, RedeployLastKnownGood);
    assert_eq!(redeploy, [Obstacle::NotHalted, Obstacle::NobodyRunsIt, Obstacle::ExecutorCannotRedeploy]);
    assert_eq!(closed_by(&facts, RollForward), [Obstacle::NotHalted]);
    facts.changes.clear();
    assert!(closed_by(&facts, FallBackByFlight).contains(&Obstacle::ChangesUnknown));
}

#[test]
fn flights_have_to_guard_the_suspects_or_all() {
    let mut facts = facts();
    facts.changes.push(change("c", None));
    assert_eq!(closed_by(&facts, FallBackByFlight), [Obstacle::ChangeWithoutFlight { change: "c".into() }]);
    facts.suspects = vec!["b".into()];
    assert!(choice(&facts, FallBackByFlight).open());
    let plan = propose(&facts, FallBackByFlight, RecoveryId::new(Uuid::nil()), reasoned(1, AT)).unwrap();
    let Work::TurnFlightsOff { flights, environments } = plan.proposal.work else { panic!() };
    assert_eq!((flights, environments.len()), (vec!["flight-b".to_owned()], 2));
}

#[test]
fn forward_needs_a_newer_build_that_may_go_out() {
    let mut facts = facts();
    facts.builds[3].approved = false;
    facts.builds[3].halted = true;
    let newer = build(4).version;
    assert_eq!(
        closed_by(&facts, RollForward),
        [Obstacle::NewerBuildNotApproved { build: newer }, Obstacle::NewerBuildHalted { build: newer }]
    );
    facts.builds[3].build.service_update = "10.0.49".parse().unwrap();
    assert_eq!(closed_by(&facts, RollForward), [Obstacle::NoNewerBuild]);
}

#[test]
fn back_only_where_every_schema_change_since_lets_back() {
    for (marked, open) in
        [(Schema::Online, false), (Schema::Irreversible, false), (Schema::Compatible, true), (Schema::Reversible, true)]
    {
        let mut facts = facts();
        facts.builds[2] = record(3, marked);
        assert_eq!(choice(&facts, RollBack).open(), open, "{marked:?}");
        assert_eq!(choice(&facts, RedeployLastKnownGood).open(), open, "{marked:?}");
    }
    // between: only the environment that skips over build 2 is left out
    let mut facts = facts();
    facts.builds[1] = record(2, Schema::Online);
    let reach = choice(&facts, RollBack).reach;
    let against =
        Obstacle::SchemaStandsAgainst { build: build(2).version, change: "change 2".into(), marked: Schema::Online };
    assert_eq!((reach.stricken, reach.reached, reach.left_out), (2, 1, vec![(against, 1)]));
    // not recorded is no mark
    facts.builds[2].schema = None;
    assert!(closed_by(&facts, RollBack).contains(&Obstacle::SchemaUnknown { build: build(3).version }));
    facts.builds.remove(2);
    assert!(closed_by(&facts, RollBack).contains(&Obstacle::SchemaUnknown { build: build(3).version }));
}

#[test]
fn each_environment_is_left_out_by_name() {
    let mut facts = facts();
    let other = LastGood {
        build: BuildRef { service_update: "10.0.47".parse().unwrap(), ..build(1) },
        halted: false,
        restore_point: None,
    };
    let halted = LastGood { build: build(2), halted: true, restore_point: None };
    facts.stricken = vec![
        Stricken { busy: true, ..stricken(1, Some(2)) },
        stricken(2, None),
        stricken(3, Some(4)),
        Stricken { last_good: Some(halted), ..stricken(4, None) },
        Stricken { last_good: Some(other), ..stricken(5, None) },
    ];
    let expected = [
        Obstacle::UpdateRunning,
        Obstacle::NoLastGoodBuild,
        Obstacle::LastGoodBuildHalted { build: build(2).version },
        Obstacle::OtherServiceUpdate { last_good: "10.0.47".parse().unwrap() },
        Obstacle::NotEarlier { build: build(4).version },
    ];
    assert_eq!(closed_by(&facts, RollBack), expected);
    assert_eq!(closed_by(&facts, RedeployLastKnownGood), expected);
}

#[test]
fn nobody_goes_back_to_a_build_that_is_not_approved() {
    let mut facts = facts();
    facts.builds[1].approved = false;
    let missing = Obstacle::LastGoodBuildNotApproved { build: build(2).version };
    for path in [RollBack, RedeployLastKnownGood] {
        let reach = choice(&facts, path).reach;
        assert_eq!((reach.reached, reach.left_out), (1, vec![(missing.clone(), 1)]), "who ran build 1 goes back");
    }
    facts.builds[0].approved = false;
    assert!(!choice(&facts, RollBack).open() && !choice(&facts, RedeployLastKnownGood).open());
}

#[test]
fn new_infrastructure_may_start_from_a_restore_point() {
    let mut facts = facts();
    facts.builds[2] = record(3, Schema::Irreversible);
    assert!(closed_by(&facts, RedeployLastKnownGood).contains(&Obstacle::NoRestorePoint));
    let unknown = RecoveryFacts { restore_days: None, ..facts.clone() };
    assert!(closed_by(&unknown, RedeployLastKnownGood).contains(&Obstacle::RestorePointsUnknown));
    if let Some(last) = &mut facts.stricken[0].last_good {
        last.restore_point = Some(AT);
    }
    let choice = choice(&facts, RedeployLastKnownGood);
    assert_eq!((choice.open(), choice.reach.reached, choice.reach.data_lost), (true, 1, 1));
    assert!(choice.sentence().contains("lose what was written since"), "{}", choice.sentence());
    let plan = propose(&facts, RedeployLastKnownGood, RecoveryId::new(Uuid::nil()), reasoned(1, AT)).unwrap();
    let environment = facts.stricken[0].environment;
    let moves = vec![Move { environment, to: build(2), restored_from: Some(AT) }];
    assert_eq!(plan.proposal.work, Work::MoveBack { moves });
    assert!(!self::choice(&facts, RollBack).open());
}

fn propose_back(facts: &RecoveryFacts) -> RecoveryPlan {
    propose(facts, RollBack, RecoveryId::new(Uuid::nil()), reasoned(1, AT)).unwrap()
}

fn approve(plan: RecoveryPlan, by: u128) -> Result<RecoveryPlan, RecoveryError> {
    plan.approve(approved(by, 1, AT), &digest(1), &[person(1).id, person(2).id])
}

fn start(plan: RecoveryPlan, facts: &RecoveryFacts) -> Result<RecoveryPlan, RecoveryError> {
    plan.start(facts, &digest(1), &[person(2).id], AT)
}

#[test]
fn each_edge_leaves_exactly_its_states() {
    let facts = facts();
    let proposed = propose_back(&facts);
    let ready = approve(proposed.clone(), 2).unwrap();
    let running = start(ready.clone(), &facts).unwrap();
    let completed = running.clone().complete(AT).unwrap();
    let abandoned = running.clone().abandon(reasoned(1, AT)).unwrap();
    let states = [proposed, ready, running, completed, abandoned];
    let words = states.each_ref().map(|plan| plan.state.word());
    assert_eq!(words, ["Proposed", "Approved", "Running", "Completed", "Abandoned"]);
    assert_eq!(states.clone().map(|plan| approve(plan, 2).is_ok()), [true, false, false, false, false]);
    assert_eq!(states.clone().map(|plan| start(plan, &facts).is_ok()), [false, true, false, false, false]);
    assert_eq!(states.clone().map(|plan| plan.complete(AT).is_ok()), [false, false, true, false, false]);
    let abandon = states.clone().map(|plan| plan.abandon(reasoned(1, AT)).is_ok());
    assert_eq!(abandon, [true, true, true, false, false]);
    // invariant I7: only the running plan takes back, and only to the build it names
    let (from, to) = (build(3), build(2));
    let environment = facts.stricken[0].environment;
    let back = states.each_ref().map(|plan| may_move(std::slice::from_ref(plan), environment, from, to).is_ok());
    assert_eq!(back, [false, false, true, false, false]);
    assert_eq!(may_move(&states, environment, from, build(1)), Err(Backwards::NoApprovedRecovery));
    assert_eq!(may_move(&states, EnvironmentId::new(Uuid::from_u128(9)), from, to), Err(Backwards::NoApprovedRecovery));
    for plan in states {
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<RecoveryPlan>(&text).unwrap(), plan);
    }
}

#[test]
fn a_second_person_approves_exactly_this() {
    let proposed = propose_back(&facts());
    let refused = |by: u128, of: u8| {
        let plan = proposed.clone();
        plan.approve(approved(by, of, AT), &digest(1), &[person(1).id, person(2).id]).unwrap_err()
    };
    let fields = [refused(1, 1), refused(3, 1), refused(2, 2)].map(|error| error.field());
    assert_eq!(fields, ["approver", "approver", "digest"]);
}

#[test]
fn it_starts_only_while_what_was_approved_still_holds() {
    let facts = facts();
    let ready = || approve(propose_back(&facts), 2).unwrap();
    let gone = RecoveryFacts { stricken: facts.stricken[..1].to_vec(), ..facts.clone() };
    assert!(start(ready(), &gone).is_ok(), "fewer targets are fine");
    let lifted = RecoveryFacts { halt: None, ..facts.clone() };
    let mut halted = facts.clone();
    halted.stricken[0].last_good.as_mut().unwrap().halted = true;
    let mut schema = facts.clone();
    schema.builds[1] = record(2, Schema::Irreversible);
    for changed in [lifted, halted, schema] {
        assert_eq!(start(ready(), &changed), Err(RecoveryError::FactsChanged));
    }
    let more = RecoveryFacts { stricken: [&facts.stricken[..], &[stricken(3, Some(2))]].concat(), ..facts.clone() };
    assert_eq!(start(ready(), &more), Err(RecoveryError::FactsChanged), "it would be left behind");
    let no_way = RecoveryFacts { stricken: [&facts.stricken[..], &[stricken(3, None)]].concat(), ..facts.clone() };
    assert!(start(ready(), &no_way).is_ok(), "it cannot be reached today either");
    let left = ready().start(&facts, &digest(1), &[], AT).unwrap_err();
    assert_eq!(left.field(), "approver");
    let forward = propose(&facts, RollForward, RecoveryId::new(Uuid::nil()), reasoned(1, AT)).unwrap();
    let forward = approve(forward, 2).unwrap();
    let mut newest = facts.clone();
    newest.builds.push(record(5, Schema::Compatible));
    assert!(start(forward.clone(), &newest).is_ok());
    newest.builds[3].halted = true;
    assert_eq!(start(forward, &newest), Err(RecoveryError::FactsChanged));
}

#[test]
fn it_starts_only_against_the_build_that_it_was_approved_for() {
    let facts = facts();
    let ready = approve(propose_back(&facts), 2).unwrap();
    let other = RecoveryFacts { bad: build(4), ..facts };
    assert!(propose(&other, RollBack, RecoveryId::new(Uuid::nil()), reasoned(1, AT)).is_ok(), "the moves are the same");
    assert_eq!(start(ready, &other), Err(RecoveryError::FactsChanged));
}

#[test]
fn it_turns_no_flight_off_that_was_not_approved() {
    let both = facts();
    let one = RecoveryFacts { changes: vec![change("a", Some(true)), change("b", Some(false))], ..facts() };
    let ready =
        |facts| approve(propose(facts, FallBackByFlight, RecoveryId::new(Uuid::nil()), reasoned(1, AT)).unwrap(), 2);
    assert_eq!(start(ready(&one).unwrap(), &both), Err(RecoveryError::FactsChanged), "b was turned on since");
    assert!(start(ready(&both).unwrap(), &one).is_ok(), "b is off already");
}

/// It copies every window, bake and approval (issue: as every rollout).
#[test]
fn a_way_back_promises_no_shorter_way() {
    let said = menu(&RecoveryFacts { severity: Severity::High, ..facts() }).map(|choice| choice.sentence());
    for said in &said[1..] {
        assert!(said.contains("through the same stations"), "{said}");
    }
    assert!(said.iter().all(|said| !said.contains("does not wait")), "{said:?}");
}

/// Whom the halt caught in flight would run the build, and no way back would name it.
#[test]
fn no_way_back_while_updates_still_bring_the_build() {
    let calm = facts();
    let ready = approve(propose_back(&calm), 2).unwrap();
    let flying = RecoveryFacts { incoming: 20, ..calm };
    for path in [RollBack, RedeployLastKnownGood] {
        assert_eq!(closed_by(&flying, path), [Obstacle::StillComing { updates: 20 }]);
    }
    for path in [FallBackByFlight, RollForward] {
        assert!(choice(&flying, path).open(), "{path:?} names nobody");
    }
    assert_eq!(start(ready, &flying), Err(RecoveryError::FactsChanged));
}

#[test]
fn a_closed_path_cannot_be_proposed() {
    let mut facts = facts();
    facts.halt = None;
    for path in RecoveryPath::ALL {
        let refused = propose(&facts, path, RecoveryId::new(Uuid::nil()), reasoned(1, AT));
        assert_eq!(refused, Err(RecoveryError::Closed { obstacles: vec![Obstacle::NotHalted] }));
        assert_eq!(RecoveryPath::from_key(path.key()), Some(path));
    }
}

#[test]
fn another_service_update_is_no_way_at_all() {
    let other = BuildRef { service_update: "10.0.49".parse().unwrap(), ..build(4) };
    let environment = facts().stricken[0].environment;
    assert_eq!(may_move(&[], environment, build(3), other), Err(Backwards::OtherServiceUpdate));
    assert_eq!(may_move(&[], environment, build(3), build(4)), Ok(()));
    assert_eq!(may_move(&[], environment, build(3), build(3)), Ok(()));
}

#[test]
fn sentences() {
    let mut facts = facts();
    let said = menu(&facts).map(|choice| choice.sentence());
    assert_eq!(
        said[0],
        "Turns the flights of the changes off wherever the build runs. The build stays; nobody is interrupted. \
         Reaches 2 of 2 environments that run the build. First, because no version moves and it waits for no night."
    );
    assert_eq!(said.iter().collect::<BTreeSet<_>>().len(), 4);
    let plan = approve(propose_back(&facts), 2).unwrap();
    assert_eq!(plan.sentence(), "Roll back 2 environments: Approved, approved by Person 2");
    facts.builds[2] = record(3, Schema::Online);
    assert_eq!(
        choice(&facts, RollBack).sentence(),
        "Returns each environment, in place, to the build that it ran before and that was healthy, through the same \
         stations, windows and approvals as every rollout. \
         Closed: 10.0.2645.3 changed the schema (change 3), marked only online."
    );
}

fn any_schema() -> impl Strategy<Value = Option<Schema>> {
    prop_oneof![
        Just(None),
        Just(Some(Schema::Online)),
        Just(Some(Schema::Compatible)),
        Just(Some(Schema::Reversible)),
        Just(Some(Schema::Irreversible)),
    ]
}

proptest! {
    /// Whatever the schema and whoever ran what: a plan that rolls back moves an environment only over builds whose every
    /// change is marked as letting back, and exactly all such environments.
    #[test]
    fn rolling_back_never_crosses_what_stands_against_it(
        marks in proptest::collection::vec(any_schema(), 5),
        last in proptest::collection::vec(proptest::option::of(1_u32..8), 0..6),
    ) {
        let builds = (1..6).zip(&marks).map(|(n, mark)| BuildRecord {
            schema: mark.map(|marked| vec![SchemaChange { name: "x".into(), marked }]),
            ..record(n, Schema::Online)
        });
        let stricken: Vec<Stricken> = last.iter().zip(1..).map(|(last, id)| stricken(id, *last)).collect();
        let facts = RecoveryFacts { bad: build(5), builds: builds.collect(), stricken, ..facts() };
        let free = |n: u32| n < 5 && (n + 1..=5).all(|over| {
            matches!(marks[over as usize - 1], Some(Schema::Compatible | Schema::Reversible))
        });
        let expected = last.iter().flatten().filter(|n| free(**n)).count();
        let plan = propose(&facts, RollBack, RecoveryId::new(Uuid::nil()), reasoned(1, AT));
        prop_assert_eq!(plan.is_ok(), expected > 0);
        if let Ok(plan) = plan {
            let Work::MoveBack { moves } = plan.proposal.work else { panic!() };
            prop_assert_eq!(moves.len(), expected);
            prop_assert!(moves.iter().all(|one| free(one.to.version.parts()[3])));
        }
    }
}
