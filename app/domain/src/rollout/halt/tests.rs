//! Scopes, lifts, and that nothing but a lift lets anything go on.

use super::*;
use crate::fleet::{Audience, StageKey};
use crate::people::samples::{person, reasoned};
use crate::rollout::state::StageState;
use crate::wire::signal::UpdateStateWord;
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

const AT: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn target(build: u128, rollout: u128, station: u8, customer: u128) -> StartTarget {
    StartTarget {
        stage: StageTarget {
            build: BuildId::new(Uuid::from_u128(build)),
            rollout: RolloutId::new(Uuid::from_u128(rollout)),
            station: StationNumber(station),
        },
        customer: CustomerId::new(Uuid::from_u128(customer)),
    }
}

fn by_system() -> HaltCause {
    HaltCause::ListeningSystem {
        system: "Livesite".into(),
        incident: Some("4711".into()),
        finding: "sign-in fails".into(),
    }
}

fn halt(id: u128, scope: HaltScope) -> Halt {
    Halt::new(HaltId::new(Uuid::from_u128(id)), scope, by_system(), AT)
}

/// One of each scope around `target`; the customer's twice.
fn scopes(around: StartTarget) -> [HaltScope; 6] {
    let (StageTarget { build, rollout, station }, customer) = (around.stage, around.customer);
    [
        HaltScope::Build { build },
        HaltScope::Rollout { rollout },
        HaltScope::Station { rollout, station },
        HaltScope::Customer { customer, rollout: Some(rollout) },
        HaltScope::Customer { customer, rollout: None },
        HaltScope::Everything,
    ]
}

#[test]
fn each_scope_stops_its_own() {
    let here = target(1, 1, 2, 1);
    let others = [
        // the same build in another rollout, another station, another customer, the customer elsewhere, all different
        (target(1, 2, 2, 2), [true, false, false, false, false, true]),
        (target(1, 1, 3, 2), [true, true, false, false, false, true]),
        (target(1, 1, 2, 2), [true, true, true, false, false, true]),
        (target(2, 2, 2, 1), [false, false, false, false, true, true]),
        (target(2, 2, 2, 2), [false, false, false, false, false, true]),
    ];
    for (i, scope) in scopes(here).into_iter().enumerate() {
        let halts = [halt(1, scope)];
        assert_eq!(stops_start(&halts, here).len(), 1);
        assert_eq!(stops_stage(&halts, here.stage).len(), usize::from(i < 3 || i == 5), "{scope:?}");
        for (other, stopped) in others {
            assert_eq!(!stops_start(&halts, other).is_empty(), stopped[i], "{scope:?} {other:?}");
        }
    }
}

#[test]
fn each_is_lifted_by_itself_and_once() {
    let here = target(1, 1, 2, 1);
    let mut halts: Halts = scopes(here).into_iter().zip(1..).map(|(scope, id)| halt(id, scope)).collect();
    let id = |n: u128| HaltId::new(Uuid::from_u128(n));
    halts.lift(id(2), reasoned(7, AT)).unwrap();
    let first: Vec<&str> = stops_start(halts.as_slice(), here).iter().map(|halt| halt.scope.key()).collect();
    assert_eq!(first, ["everything", "build", "station", "customer", "customer"], "the kill switch is checked first");
    let again = halts.lift(id(2), reasoned(8, AT));
    assert!(matches!(again, Err(HaltError::WrongEdge(WrongEdge { from: "Lifted", .. }))));
    assert_eq!(halts.as_slice()[1].lifted, Some(reasoned(7, AT)));
    assert_eq!(halts.lift(id(99), reasoned(7, AT)), Err(HaltError::NoSuchHalt));
}

#[test]
fn evidence_that_comes_again_brings_nothing_back() {
    let here = target(1, 1, 2, 1);
    let mut halts = Halts::default();
    let first = halt(1, scopes(here)[1]);
    assert!(halts.place(first.clone()));
    halts.lift(first.id, reasoned(7, AT)).unwrap();
    assert!(!halts.place(first));
    assert_eq!(stops_start(halts.as_slice(), here), Vec::<&Halt>::new());
}

#[test]
fn what_it_affects_is_counted_and_said() {
    use UpdateStateWord as W;
    let states =
        [W::Planned, W::Moved, W::Verifying, W::Succeeded, W::Failed, W::AlreadySatisfied, W::Held, W::Skipped];
    let here = target(1, 1, 2, 1);
    let aboard = states.map(|state| Aboard { target: here, state });
    let elsewhere = Aboard { target: target(2, 2, 2, 2), state: W::Planned };
    let effect = HaltEffect::of(scopes(here)[1], aboard.into_iter().chain([elsewhere]));
    assert_eq!(effect, HaltEffect { waiting: 2, running: 1, updated: 1, failed: 1, satisfied: 1 });
    assert_eq!(
        effect.sentence(),
        "2 environments wait; 1 update runs on and is watched; 1 environment runs the build; \
         1 environment failed; 1 environment had an equal or later build"
    );
    assert_eq!(HaltEffect::default().sentence(), "It affects nobody yet");
}

#[test]
fn sentences() {
    let person = person(3);
    let cause = HaltCause::Person { by: person.id, name: person.name, reason: "batch is slow".into() };
    assert_eq!(cause.sentence(), "Halted by Person 3: batch is slow");
    assert_eq!(cause.of_everything(), "All updates are halted by Person 3: batch is slow");
    let lifted = halt(1, scopes(target(1, 1, 2, 1))[0]).lift(reasoned(4, AT)).unwrap();
    assert_eq!(lifted.sentence(), "Halted by Livesite, incident 4711: sign-in fails. Lifted by Person 4: because");
    let kept = serde_json::to_string(&lifted).unwrap();
    assert_eq!(serde_json::from_str::<Halt>(&kept).unwrap(), lifted);
    let texts = scopes(target(1, 1, 2, 1)).map(HaltScope::stops);
    assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), 6);
}

#[derive(Debug, Clone)]
enum Step {
    Place {
        id: u128,
        scope: usize,
        around: StartTarget,
    },
    Lift {
        id: u128,
    },
    /// The gate of a stage passes and the stage with it.
    Pass {
        stage: usize,
    },
}

fn any_target() -> impl Strategy<Value = StartTarget> {
    (1_u128..3, 1_u128..3, 1_u8..3, 1_u128..3).prop_map(|(b, r, s, c)| target(b, r, s, c))
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1_u128..8, 0_usize..6, any_target()).prop_map(|(id, scope, around)| Step::Place { id, scope, around }),
        (1_u128..8).prop_map(|id| Step::Lift { id }),
        (0_usize..4).prop_map(|stage| Step::Pass { stage }),
    ]
}

proptest! {
    /// Whatever is placed, passed and lifted in whatever order: a start is stopped exactly by those halts around it that
    /// were placed and not lifted by their own id. Stages that pass change nothing.
    #[test]
    fn a_later_pass_never_un_halts(steps in proptest::collection::vec(any_step(), 0..40), at in any_target()) {
        let mut halts = Halts::default();
        let mut stages = [StageState::Waiting; 4];
        // the other book-keeping: who was placed first under an id, and which ids were lifted
        let (mut placed, mut lifted): (Vec<(u128, HaltScope)>, BTreeSet<u128>) = (Vec::new(), BTreeSet::new());
        for step in steps {
            let before: Vec<HaltId> = stops_start(halts.as_slice(), at).iter().map(|halt| halt.id).collect();
            match step {
                Step::Place { id, scope, around } => {
                    let scope = scopes(around)[scope];
                    halts.place(halt(id, scope));
                    if placed.iter().all(|(known, _)| *known != id) {
                        placed.push((id, scope));
                    }
                }
                Step::Lift { id } => {
                    let known = placed.iter().any(|(known, _)| *known == id);
                    let ok = halts.lift(HaltId::new(Uuid::from_u128(id)), reasoned(1, AT)).is_ok();
                    prop_assert_eq!(ok, known && lifted.insert(id));
                }
                Step::Pass { stage } => {
                    let open = stages[stage].open(AT).unwrap_or(stages[stage]);
                    stages[stage] = open.pass(AT).unwrap_or(open);
                    let after: Vec<HaltId> = stops_start(halts.as_slice(), at).iter().map(|halt| halt.id).collect();
                    prop_assert_eq!(before, after);
                }
            }
            let expected: BTreeSet<HaltId> = placed
                .iter()
                .filter(|(id, scope)| !lifted.contains(id) && scope.takes(at))
                .map(|(id, _)| HaltId::new(Uuid::from_u128(*id)))
                .collect();
            let stopping: BTreeSet<HaltId> = stops_start(halts.as_slice(), at).iter().map(|halt| halt.id).collect();
            prop_assert_eq!(stopping, expected);
        }
        // what stops a stage stops every start in it
        for halt in stops_stage(halts.as_slice(), at.stage) {
            prop_assert!(stops_start(halts.as_slice(), at).contains(&halt));
        }
    }
}

/// A stage is named where its gate stopped the rollout.
#[test]
fn a_gate_names_its_stage() {
    let reports = crate::health::ReportCounts { reported: 5, failed: 5, ..Default::default() };
    let evidence = crate::health::StageEvidence { due: 10, reports, ..Default::default() };
    let gate = crate::health::GatePolicy::DEFAULT.judge(&evidence, AT);
    let stage = StageKey { station: StationNumber(2), audience: Audience::Sandbox };
    let sentence = HaltCause::Gate { stage, gate }.sentence();
    assert!(sentence.starts_with("Halted by the gate of Station 2 · Sandbox: 5 failures of 5"), "{sentence}");
}
