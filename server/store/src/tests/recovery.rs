//! Emergency paths, recoveries and flights as rows: who was faster, what is open, what ran before.

use super::fixtures::{
    a_rollout, an_update, build_id, contoso, env, fleet, id, later, night, now, rol, running, service_update,
    update_id, user, version,
};
use super::harness::on_both;
use crate::environment::Deployed;
use crate::rollout::{Descent, Reach};
use crate::update::Expect;
use crate::{Db, Error, emergency, environment, flight, recovery, rollout, update};
use chrono::{DateTime, Utc};
use domain::emergency::{Criterion, EmergencyPath, EmergencyPolicy, EmergencyRequest, EmergencyState, Shortening};
use domain::flight::{Flight, FlightScope};
use domain::people::{Person, Reasoned};
use domain::recovery::{BuildRef, Move, Proposal, RecoveryPath, RecoveryPlan, RecoveryState, Work};
use domain::rollout::{RolloutKind, UpdateState};
use domain::severity::Severity;
use uuid::Uuid;

on_both! { one_emergency_path_is_open only_one_writer_changes_it a_way_back_knows_its_own_and_what_ran_before
what_failed_there_is_no_good_build a_flight_is_turned_once_and_told_once }

const OLD: &str = super::fixtures::OLD;
const NEW: &str = super::fixtures::NEW;

fn why(at: DateTime<Utc>) -> Reasoned {
    Reasoned { by: Person { id: user(1), name: "R. Iyer".into() }, reason: "tokens leak".into(), at }
}

fn path(number: u128, state: EmergencyState) -> EmergencyPath {
    let request = EmergencyRequest {
        rollout: rol(50),
        build: build_id(),
        criterion: Criterion::Security,
        severity: Severity::High,
        why: why(now()),
        shortening: Shortening { bake_hours: Some(6), ..Shortening::default() },
        overrides: Vec::new(),
        lasts_hours: 24,
    };
    EmergencyPath { id: id(number), request, state }
}

fn requested() -> EmergencyState {
    EmergencyState::Requested { approvals: Vec::new() }
}

async fn one_emergency_path_is_open(db: &Db) {
    fleet(db, 50, 0).await;
    let tx = db.begin().await.unwrap();
    assert_eq!(emergency::policy(&tx).await.unwrap(), EmergencyPolicy::with(Vec::new()), "nobody is named at first");
    emergency::insert(&tx, &path(1, requested()), now()).await.unwrap();
    tx.commit().await.unwrap();
    let tx = db.begin().await.unwrap();
    let second = emergency::insert(&tx, &path(2, requested()), now()).await;
    assert!(matches!(second, Err(Error::Conflict { .. })), "{second:?}");
    drop(tx);
    let tx = db.begin().await.unwrap();
    let known = emergency::find(&tx, id(1)).await.unwrap().unwrap();
    emergency::save(&tx, &known, &path(1, EmergencyState::Withdrawn { withdrawn: why(later(1)) })).await.unwrap();
    emergency::insert(&tx, &path(2, requested()), now()).await.unwrap();
    tx.commit().await.unwrap();
    let all = emergency::of_rollout(db.reader(), rol(50)).await.unwrap();
    assert_eq!(all.iter().map(|known| known.path.id).collect::<Vec<_>>(), [id(2), id(1)], "newest first");
    assert!(emergency::owing(db.reader()).await.unwrap().is_empty());
}

async fn only_one_writer_changes_it(db: &Db) {
    fleet(db, 50, 0).await;
    let tx = db.begin().await.unwrap();
    emergency::insert(&tx, &path(1, requested()), now()).await.unwrap();
    let known = emergency::find(&tx, id(1)).await.unwrap().unwrap();
    let withdrawn = path(1, EmergencyState::Withdrawn { withdrawn: why(later(1)) });
    emergency::save(&tx, &known, &withdrawn).await.unwrap();
    let again = emergency::save(&tx, &known, &withdrawn).await;
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
    let plan = RecoveryPlan { id: id(7), proposal: proposal(), state: RecoveryState::Proposed };
    recovery::insert(&tx, rol(50), &plan, now()).await.unwrap();
    let known = recovery::find(&tx, id(7)).await.unwrap().unwrap();
    assert_eq!((known.rollout, &known.plan), (rol(50), &plan));
    let abandoned = plan.abandon(why(later(1))).unwrap();
    recovery::save(&tx, &known, &abandoned).await.unwrap();
    let again = recovery::save(&tx, &known, &abandoned).await;
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
    assert!(!recovery::is_running(&tx, id(7)).await.unwrap());
    tx.commit().await.unwrap();
}

fn reference(build: &str) -> BuildRef {
    BuildRef { id: build_id(), version: version(build), service_update: service_update("10.0.48") }
}

fn proposal() -> Proposal {
    let moves = vec![Move { environment: env(1), to: reference(OLD), restored_from: Some(now()) }];
    Proposal {
        halt: id(1),
        bad: reference(NEW),
        path: RecoveryPath::RedeployLastKnownGood,
        work: Work::MoveBack { moves },
        by: why(now()),
    }
}

async fn a_way_back_knows_its_own_and_what_ran_before(db: &Db) {
    fleet(db, 50, 3).await;
    let tx = db.begin().await.unwrap();
    for number in [1, 2] {
        let deployed = Deployed {
            build: version(NEW),
            platform: None,
            service_update: None,
            at: later(1),
            rollout: Some(rol(50)),
        };
        environment::set_build(&tx, env(number), &deployed).await.unwrap();
    }
    let runners = recovery::runners(&tx, version(NEW)).await.unwrap();
    let before = Some((service_update("10.0.48"), version(OLD)));
    let seen: Vec<_> = runners.iter().map(|one| (one.environment, one.before, one.busy, one.begun_at)).collect();
    assert_eq!(seen, [(env(1), before, false, None), (env(2), before, false, None)], "no update brought it");

    let incoming = async |build| recovery::incoming(&tx, build).await.unwrap();
    assert_eq!(incoming(build_id()).await, 0);
    let flying = UpdateState::InProgress { night: night(1), started_at: now() };
    update::enrol_many(&tx, vec![an_update(50, 3, flying)]).await.unwrap();
    assert_eq!((incoming(build_id()).await, incoming(id(901)).await), (1, 0));

    let plan = RecoveryPlan { id: id(7), proposal: proposal(), state: RecoveryState::Proposed };
    recovery::insert(&tx, rol(50), &plan, now()).await.unwrap();
    let Work::MoveBack { moves } = &plan.proposal.work else { panic!("moves") };
    recovery::insert_moves(&tx, plan.id, moves).await.unwrap();
    let named =
        async |number, build: &str| recovery::find_move(&tx, plan.id, env(number), version(build)).await.unwrap();
    assert_eq!(named(1, OLD).await, Some(Some(now())));
    assert_eq!((named(1, NEW).await, named(2, OLD).await), (None, None), "this environment with this build only");

    // A rollout to the build that moves name has those aboard and nobody else.
    let old = crate::build::NewBuild {
        id: id(901),
        service_update: service_update("10.0.48"),
        version: version(OLD),
        platform: None,
        artifact: None,
        registered_at: now(),
    };
    crate::build::insert(&tx, &old).await.unwrap();
    rollout::insert(&tx, &rollout::NewRollout { build: id(901), ..a_rollout(51) }).await.unwrap();
    let kind = RolloutKind::Redeploy { from: version(NEW) };
    let descent = Descent { kind, recovery: Some(plan.id), supersedes: Some(rol(50)) };
    rollout::set_descent(&tx, rol(51), &descent).await.unwrap();
    rollout::set_state(&tx, rol(51), &running()).await.unwrap();
    recovery::open(&tx, rol(51), plan.id, version(OLD)).await.unwrap();
    assert_eq!(rollout::find(&tx, rol(51)).await.unwrap().unwrap().descent, descent);
    assert_eq!(rollout::of_recovery(&tx, plan.id).await.unwrap().len(), 1);
    let facts = rollout::load_facts(&tx, rol(51), Reach::Due(later(2))).await.unwrap().unwrap().facts;
    assert_eq!((facts.kind, facts.environments.iter().map(|one| one.id).collect::<Vec<_>>()), (kind, vec![env(1)]));
    tx.commit().await.unwrap();
}

async fn what_failed_there_is_no_good_build(db: &Db) {
    fleet(db, 50, 2).await;
    let tx = db.begin().await.unwrap();
    let between = crate::build::NewBuild {
        id: id(901),
        service_update: service_update("10.0.48"),
        version: version("10.0.2645.140"),
        platform: None,
        artifact: None,
        registered_at: now(),
    };
    crate::build::insert(&tx, &between).await.unwrap();
    rollout::insert(&tx, &rollout::NewRollout { build: id(901), ..a_rollout(51) }).await.unwrap();
    let flying = UpdateState::InProgress { night: night(1), started_at: now() };
    update::enrol_many(&tx, vec![an_update(51, 1, flying.clone()), an_update(51, 2, flying.clone())]).await.unwrap();
    let failed = flying.clone().fail("it does not come up".into(), later(1)).unwrap();
    let healthy = flying.applied(later(1)).unwrap().confirm(later(1)).unwrap();
    for (number, state) in [(1, failed), (2, healthy)] {
        update::save_state(&tx, update_id(51, number), Expect::Generation(1), &state, 1).await.unwrap();
        for (build, hours) in [("10.0.2645.140", 1), (NEW, 2)] {
            let deployed = Deployed {
                build: version(build),
                platform: None,
                service_update: None,
                at: later(hours),
                rollout: None,
            };
            environment::set_build(&tx, env(number), &deployed).await.unwrap();
        }
    }
    let runners = recovery::runners(&tx, version(NEW)).await.unwrap();
    let before: Vec<_> = runners.iter().map(|one| one.before.map(|(_, build)| build)).collect();
    assert_eq!(before, [Some(version(OLD)), Some(version("10.0.2645.140"))]);
}

async fn a_flight_is_turned_once_and_told_once(db: &Db) {
    fleet(db, 50, 0).await;
    let tx = db.begin().await.unwrap();
    let posting = Flight {
        id: id(1),
        key: "posting".into(),
        title: "Posting".into(),
        owner: "Finance".into(),
        build: build_id(),
        remove_on: "2026-12-31".parse().unwrap(),
        switches: Vec::new(),
    };
    flight::insert(&tx, &posting, now()).await.unwrap();
    let known = flight::find(&tx, id(1)).await.unwrap().unwrap();
    assert_eq!(known.flight, posting);
    let off = known.flight.turn(FlightScope::Everywhere, false, &why(later(1))).unwrap();
    flight::turn(&tx, &known, &off, &[Uuid::from_u128(1)]).await.unwrap();
    let again = flight::turn(&tx, &known, &off, &[Uuid::from_u128(2)]).await;
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
    let known = flight::find(&tx, id(1)).await.unwrap().unwrap();
    let one = FlightScope::Customer { customer: contoso() };
    let on = known.flight.turn(one, true, &why(later(2))).unwrap();
    flight::turn(&tx, &known, &on, &[Uuid::from_u128(3)]).await.unwrap();
    let turned = flight::find(&tx, id(1)).await.unwrap().unwrap().flight;
    assert!(!turned.is_on_by_default() && turned.is_on_for(contoso()));
    let untold = flight::untold(&tx).await.unwrap();
    assert_eq!(
        untold.iter().map(|one| (one.flight.as_str(), one.switch.on)).collect::<Vec<_>>(),
        [("posting", false), ("posting", true)]
    );
    flight::set_told(&tx, untold[0].id, later(3)).await.unwrap();
    assert_eq!(flight::untold(&tx).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
}
