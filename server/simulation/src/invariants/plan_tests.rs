//! What a plan decides: for each check one change to the scene by which it does not hold.

use super::scene::{NEW, SANDBOXES, Scene, announced, at, by, id, night, update};
use super::{check, halts, live, nights, standing, starts};
use chrono::TimeDelta;
use domain::freeze::{Freeze, FreezeOwner, FreezeScope, FreezeState, Span};
use domain::ids::{BuildId, CustomerId, FreezeId, HaltId, RolloutId, UpdateId, UserId};
use domain::people::Person;
use domain::rollout::halt::{Halt, HaltScope};
use domain::rollout::{EnvironmentReason, HaltCause, RolloutState, StageState, UpdateState};

fn halt(scene: &mut Scene, scope: HaltScope) {
    let halt =
        Halt::new(HaltId::new(id(1)), scope, HaltCause::Build { reason: "r".into() }, at("2026-10-01T00:00:00Z"));
    scene.step.halts_before.insert(halt.id, (halt.clone(), halt.at));
}

fn freeze(scene: &mut Scene, scope: FreezeScope, date: &str) {
    let date = date.parse().unwrap();
    let freeze = Freeze {
        id: FreezeId::new(id(1)),
        scope,
        span: Span::one_off(date, date).unwrap(),
        reason: "the books are closed".into(),
        owner: FreezeOwner::Vendor,
        set_by: Person { id: UserId::new(id(1)), name: "F".into() },
        set_at: at("2026-09-01T00:00:00Z"),
        state: FreezeState::Set,
    };
    scene.step.freezes_before = [freeze].into_iter().collect();
}

#[test]
fn a_start_keeps_to_its_night() {
    assert_eq!(by(starts::check, |_| {}), [""; 0]);
    let start = night("2026-10-06").start;
    let declared = TimeDelta::minutes(4 * 60 + 31);
    for wrong in [start - TimeDelta::seconds(1), start + declared] {
        assert_eq!(by(starts::check, |scene| scene.step.words[0].at = wrong), ["I1"], "{wrong}");
    }
    assert_eq!(by(starts::check, |scene| scene.step.words[0].night = Some(start + declared)), ["I1"]);
    assert_eq!(by(starts::check, |scene| scene.environment(2).tier = 4), ["I1"], "a weekday");
    assert_eq!(by(starts::check, |scene| scene.whole().stages[0].state = StageState::Waiting), ["I2"]);
}

#[test]
fn nothing_starts_that_is_halted_or_frozen() {
    let draft = |scene: &mut Scene| {
        scene.step.rollouts_before = scene.seen.rollouts.clone();
        scene.step.rollouts_before.get_mut(&RolloutId::new(id(1))).unwrap().rollout.state = RolloutState::Draft;
    };
    assert_eq!(by(starts::check, draft), ["H1"]);
    let build = |scene: &mut Scene| {
        scene.step.halted_before.insert(BuildId::new(id(1)), at("2026-10-01T00:00:00Z"));
    };
    assert_eq!(by(starts::check, build), ["H1"]);
    let rollout = RolloutId::new(id(1));
    let station = HaltScope::Station { rollout, station: SANDBOXES.station };
    let customer = |n, rollout| HaltScope::Customer { customer: CustomerId::new(id(n)), rollout };
    for scope in [station, customer(1, None), customer(1, Some(rollout))] {
        assert_eq!(by(starts::check, |scene| halt(scene, scope)), ["H2"], "{scope:?}");
    }
    for scope in [customer(2, None), customer(1, Some(RolloutId::new(id(2))))] {
        assert_eq!(by(starts::check, |scene| halt(scene, scope)), [""; 0], "{scope:?}");
    }
    let here = || FreezeScope::Region { region: "here".into() };
    assert_eq!(by(starts::check, |scene| freeze(scene, here(), "2026-10-06")), ["FREEZE"]);
    assert_eq!(by(starts::check, |scene| freeze(scene, here(), "2026-10-07")), [""; 0]);
    let elsewhere = FreezeScope::Region { region: "there".into() };
    assert_eq!(by(starts::check, |scene| freeze(scene, elsewhere, "2026-10-06")), [""; 0]);
}

#[test]
fn nothing_starts_that_takes_no_part_or_was_tried_enough() {
    let due = |on: &str| by(starts::check, |scene| scene.environment(2).service_update_due = on.parse().ok());
    assert_eq!(due("2026-10-15"), ["S1"], "a week after the window");
    assert_eq!(due("2026-10-16"), [""; 0]);
    assert_eq!(by(starts::check, |scene| scene.environment(2).build = NEW), ["G6"]);
    let tried = |scene: &mut Scene| {
        scene.update(2).attempts = 3;
        scene.step.changes[0].before.as_mut().unwrap().attempts = 2;
    };
    assert_eq!(by(starts::check, tried), ["I20"]);
    let harm = |scene: &mut Scene| {
        for n in 10..13 {
            let mut failed = update(n, 9, SANDBOXES, announced("2026-10-07"));
            failed.last_failed_at = Some(at("2026-10-05T23:00:00Z"));
            scene.seen.updates.insert(UpdateId::new(id(n)), failed);
        }
    };
    assert_eq!(by(starts::check, harm), ["I17"]);
}

#[test]
fn a_promised_night_is_a_right_one_and_told_in_time() {
    let promise = |scene: &mut Scene| {
        scene.word(3, Some("planned"), "announced");
        scene.step.words[1].at = at("2026-10-01T22:00:00Z");
    };
    assert_eq!(by(nights::check, promise), [""; 0]);
    let but = |change: &dyn Fn(&mut Scene)| {
        by(nights::check, |scene| {
            promise(scene);
            change(scene);
        })
    };
    assert_eq!(but(&|scene| scene.step.words[1].at += TimeDelta::seconds(1)), ["N1"]);
    assert_eq!(but(&|scene| scene.step.words[1].night = Some(at("2026-10-06T23:00:00Z"))), ["I19"]);
    assert_eq!(but(&|scene| scene.step.words[1].night = Some(night("2026-10-04").start)), ["I19", "N1"]);
    assert_eq!(but(&|scene| scene.environment(3).tier = 4), ["I19"]);
    assert_eq!(but(&|scene| scene.environment(3).service_update_due = "2026-10-09".parse().ok()), ["S1"]);
    assert_eq!(but(&|scene| freeze(scene, FreezeScope::Global, "2026-10-07")), ["FREEZE"]);
    let customer = HaltScope::Customer { customer: CustomerId::new(id(2)), rollout: None };
    assert_eq!(but(&|scene| halt(scene, customer)), ["H2"]);
}

#[test]
fn who_is_left_out_is_left_out_for_what_is_so() {
    let left_out = |reason: EnvironmentReason| {
        by(standing::check, |scene| {
            scene.update(2).state = UpdateState::Skipped { reason, cancelled: None };
            scene.step.changes[0].after = scene.update(2).clone();
        })
    };
    assert_eq!(left_out(EnvironmentReason::PriorityBatchOff), ["S4"]);
    assert_eq!(left_out(EnvironmentReason::NotInShare { percent: 100 }), ["C1"]);
    assert_eq!(left_out(EnvironmentReason::NoNight), ["G5"]);
    assert_eq!(left_out(EnvironmentReason::NightTooShort { region: "West Europe".into(), minutes: 90 }), ["G4"]);
    let now = |state: UpdateState| {
        by(standing::check, |scene| {
            scene.update(2).state = state;
            scene.step.changes[0].after = scene.update(2).clone();
        })
    };
    assert_eq!(
        now(UpdateState::AlreadySatisfied { since: at("2026-10-06T00:00:00Z"), cancelled: None, pulled_at: None }),
        ["G6"]
    );
    assert_eq!(now(UpdateState::Planned), [""; 0]);
}

#[test]
fn nobody_is_forgotten() {
    let now = at("2026-10-06T22:00:00Z");
    let scene = Scene::new();
    assert_eq!(standing::forgotten(&scene.seen, now), []);
    let mut scene = Scene::new();
    scene.seen.updates.remove(&UpdateId::new(id(3)));
    assert_eq!(standing::forgotten(&scene.seen, now).len(), 1, "never enrolled");
}

#[test]
fn only_a_person_lets_it_go_on() {
    let resumed = |scene: &mut Scene| {
        scene.step.rollouts_before = scene.seen.rollouts.clone();
        let before = &mut scene.step.rollouts_before.get_mut(&RolloutId::new(id(1))).unwrap().rollout.state;
        let cause = HaltCause::Build { reason: "r".into() };
        *before = before.clone().halt(cause, at("2026-10-05T00:00:00Z")).unwrap();
    };
    let found = by(halts::check, resumed);
    assert_eq!(found, ["H1", "H1"], "it runs again, and something starts");
    // The night of the 10th begins on the 9th.
    let opened = |opened: &str| {
        by(halts::check, |scene| {
            scene.stage(1, StageState::Open { opened_at: at(opened) });
            freeze(scene, FreezeScope::Global, "2026-10-09");
        })
    };
    assert_eq!(opened("2026-10-09T21:59:00Z"), ["FREEZE"]);
    assert_eq!(opened("2026-10-09T22:00:00Z"), [""; 0]);
}

#[test]
fn a_change_has_its_live_event() {
    assert_eq!(by(live::check, |scene| scene.step.events.clear()), ["I10"]);
    assert_eq!(check(&Scene::new().seen, &Scene::new().step), []);
}
