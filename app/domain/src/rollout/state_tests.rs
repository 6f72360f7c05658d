//! Every edge of the three machines.

use super::*;
use crate::calendar::Night;
use crate::rollout::report::{EnvironmentReason, MoveReason};
use crate::wire::signal::UpdateStateWord;
use chrono::TimeDelta;
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    "2026-10-09T22:30:00Z".parse().unwrap()
}

fn night() -> Night {
    Night { date: "2026-10-10".parse().unwrap(), start: now(), end: now() + TimeDelta::hours(6) }
}

fn reason() -> EnvironmentReason {
    EnvironmentReason::NoStation { region: "Sweden Central".into() }
}

/// One update in each state.
fn every_state() -> Vec<UpdateState> {
    let announced = UpdateState::Planned.announce(night(), now()).unwrap();
    let running = announced.clone().start(now()).unwrap();
    let verifying = running.clone().applied(now()).unwrap();
    vec![
        UpdateState::Planned,
        announced,
        running.clone(),
        verifying.clone(),
        verifying.confirm(now()).unwrap(),
        running.fail("disk full".into(), now()).unwrap(),
        UpdateState::AlreadySatisfied { since: now(), cancelled: None, pulled_at: None },
        UpdateState::Skipped { reason: reason(), cancelled: None },
        UpdateState::Held { reason: reason(), cancelled: Some(night()) },
    ]
}

#[test]
fn each_edge_leaves_exactly_its_states() {
    type Edge = fn(UpdateState) -> Result<UpdateState, WrongEdge>;
    let edges: [(&str, Edge, [bool; 9]); 13] = [
        // planned, announced, in progress, verifying, succeeded, failed, satisfied, skipped, held
        ("announce", |s| s.announce(night(), now()), [true, false, false, false, false, false, false, false, false]),
        (
            "relocate",
            |s| s.relocate(night(), MoveReason::NightMissed, now()),
            [false, true, false, false, false, false, false, false, false],
        ),
        ("start", |s| s.start(now()), [false, true, false, false, false, false, false, false, false]),
        ("never begun", UpdateState::never_begun, [false, false, true, false, false, false, false, false, false]),
        ("applied", |s| s.applied(now()), [false, false, true, false, false, false, false, false, false]),
        ("confirm", |s| s.confirm(now()), [false, false, false, true, false, false, false, false, false]),
        ("fail", |s| s.fail("x".into(), now()), [false, false, true, true, false, false, false, false, false]),
        ("retry", |s| s.retry(night(), now()), [false, false, false, false, false, true, false, false, false]),
        ("satisfy", |s| s.satisfy(now()), [true, true, false, false, false, true, false, true, true]),
        ("skip", |s| s.skip(reason()), [true, true, false, false, false, false, true, true, true]),
        ("hold", |s| s.hold(reason()), [true, true, false, false, false, false, true, true, true]),
        ("reconsider", |s| s.reconsider(Some(night())), [false, false, false, false, true, true, false, false, false]),
        ("reopen", UpdateState::reopen, [false, false, false, false, false, false, true, true, true]),
    ];
    for (name, edge, allowed) in edges {
        for (state, allowed) in every_state().into_iter().zip(allowed) {
            let from = state.word();
            assert_eq!(edge(state).is_ok(), allowed, "{name} from {from:?}");
        }
    }
}

#[test]
fn a_failed_update_is_held_by_what_keeps_the_failure() {
    let failed = every_state()[5].clone();
    let last = failed.failed_attempt().unwrap();
    let held = failed.clone().hold(EnvironmentReason::AttemptsUsed { attempts: 2, last: last.clone() }).unwrap();
    assert_eq!(held.failed_attempt(), Some(last));
    assert_eq!((held.word(), held.night(), held.cancelled()), (UpdateStateWord::Held, None, None));
}

#[test]
fn an_announced_night_that_does_not_take_place_is_kept_until_it_takes_part_again() {
    let announced = every_state()[1].clone();
    assert_eq!(announced.clone().satisfy(now()).unwrap().cancelled(), Some(night()));
    assert_eq!(announced.clone().skip(reason()).unwrap().cancelled(), Some(night()));
    let held = announced.hold(reason()).unwrap();
    assert_eq!(held.clone().skip(reason()).unwrap().cancelled(), Some(night()));
    assert_eq!(held.reopen().unwrap(), UpdateState::Planned);
    assert_eq!(UpdateState::Planned.skip(reason()).unwrap().cancelled(), None);
}

#[test]
fn a_move_keeps_old_new_and_reason() {
    let later = Night { date: "2026-10-17".parse().unwrap(), ..night() };
    let moved = every_state()[1].clone().relocate(later, MoveReason::NightMissed, now()).unwrap();
    assert_eq!(moved.word(), UpdateStateWord::Moved);
    let UpdateState::Announced { night: to, moved: Some(Moved { from, reason, .. }), .. } = moved else {
        panic!("{moved:?}")
    };
    assert_eq!((from, to, reason), (night(), later, MoveReason::NightMissed));
}

#[test]
fn what_was_never_begun_keeps_its_night() {
    let back = every_state()[2].clone().never_begun().unwrap();
    assert_eq!((back.word(), back.night()), (UpdateStateWord::Announced, Some(night())));
}

#[test]
fn rollout_edges() {
    let user = UserId::new(Uuid::nil());
    let running = RolloutState::Draft.start(user, now()).unwrap();
    let halted = running.clone().halt(HaltCause::Build { reason: "x".into() }, now()).unwrap();
    let completed = running.clone().complete(now()).unwrap();
    let resumed = RolloutState::Running { started_at: now(), started_by: user, resumed_at: Some(now()) };
    assert_eq!(halted.clone().resume(now()), Ok(resumed));
    for state in [&running, &halted, &completed] {
        assert!(state.clone().start(user, now()).is_err());
    }
    for state in [&RolloutState::Draft, &halted, &completed] {
        assert!(state.clone().halt(HaltCause::Build { reason: "x".into() }, now()).is_err());
        assert!(state.clone().complete(now()).is_err());
    }
    for state in [&RolloutState::Draft, &running, &completed] {
        assert!(state.clone().resume(now()).is_err());
    }
}

#[test]
fn stage_edges() {
    let open = StageState::Waiting.open(now()).unwrap();
    let passed = open.pass(now()).unwrap();
    assert!(open.open(now()).is_err() && passed.open(now()).is_err());
    assert!(StageState::Waiting.pass(now()).is_err() && passed.pass(now()).is_err());
    assert!(!StageState::Waiting.admits() && open.admits() && passed.admits());
}
