//! For each check one change to the scene by which it does not hold.

use super::scene::{
    NEW, OLD, PRODUCTION, SANDBOXES, Scene, announced, at, by, environment, id, night, running, succeeded, update,
};
use super::{check, letters, order, progress, records, stages, standing, touches};
use crate::probes;
use chrono::{TimeDelta, Weekday};
use domain::fleet::{Designation, EnvironmentKind, Exemption};
use domain::ids::{BuildId, EnvironmentId, UpdateId, UserId};
use domain::notification::{HaltOf, NotificationEvent};
use domain::release::{BuildVersion, ServiceUpdate};
use domain::rollout::{StageState, UpdateState};
use std::collections::{BTreeMap, BTreeSet};

/// What is found once `change` was made.
fn found(change: impl FnOnce(&mut Scene)) -> Vec<&'static str> {
    let mut scene = Scene::new();
    change(&mut scene);
    scene.found()
}

#[test]
fn nothing_is_wrong_with_the_scene() {
    assert_eq!(check(&Scene::new().seen, &Scene::new().step), []);
    assert_eq!(probes::nights(&Scene::new().seen, at("2026-10-01T00:00:00Z")), []);
}

#[test]
fn i1_dark_hours_by_true_time() {
    let start = night("2026-10-06").start;
    for wrong in [start - TimeDelta::seconds(1), start + TimeDelta::minutes(4 * 60 + 31), start + TimeDelta::hours(6)] {
        assert_eq!(by(touches::check, |scene| scene.step.touches[0].at = wrong), ["I1"], "{wrong}");
    }
    assert_eq!(by(touches::check, |scene| scene.environment(2).tier = 4), ["I1"], "a weekday");
    assert_eq!(by(touches::check, |scene| scene.step.touches[0].at = start + TimeDelta::minutes(270)), [""; 0]);
}

#[test]
fn i2_a_stage_opens_after_the_one_before_and_passes_with_enough_baked() {
    let (opened_at, passed_at) = (at("2026-10-09T22:00:00Z"), at("2026-10-09T21:00:00Z"));
    assert_eq!(by(stages::check, |scene| scene.stage(1, StageState::Open { opened_at })), ["I2"]);
    let early = at("2026-10-01T00:00:00Z");
    let pass = |scene: &mut Scene, at| {
        let opened_at = self::at("2026-10-04T22:00:00Z");
        scene.stage(0, StageState::Passed { opened_at, passed_at: at });
    };
    assert_eq!(by(stages::check, |scene| pass(scene, passed_at)), ["I2"], "one runs, one waits");
    let done = |scene: &mut Scene| {
        scene.update(2).state = succeeded("2026-10-06");
        scene.update(3).state = succeeded("2026-10-07");
    };
    let passed = |at| {
        by(stages::check, |scene| {
            done(scene);
            pass(scene, at);
        })
    };
    assert_eq!(passed(passed_at), [""; 0]);
    assert_eq!(passed(at("2026-10-07T20:00:00Z")), ["I2"], "not baked");
    assert_eq!(passed(early), ["I2"]);
    let again = |scene: &mut Scene| scene.stage(0, StageState::Waiting);
    assert_eq!(by(stages::check, again), ["I2"], "a stage never closes");
}

#[test]
fn i3_caps_over_all_rollouts() {
    for scope in 0..4 {
        let over = |scene: &mut Scene| {
            scene.update(1).state = running("2026-10-11");
            let caps = &mut scene.whole().rollout.policy.caps;
            *[&mut caps.rollout, &mut caps.station, &mut caps.region, &mut caps.customer][scope] = 1;
        };
        assert_eq!(by(super::caps::check, over), ["I3"], "{scope}");
    }
}

#[test]
fn i4_one_update_at_a_time() {
    let twice = |scene: &mut Scene| scene.update(3).environment = EnvironmentId::new(id(2));
    let both = |scene: &mut Scene| {
        twice(scene);
        scene.update(3).state = running("2026-10-07");
    };
    assert_eq!(by(super::caps::check, both), ["I4"]);
    let collides = |scene: &mut Scene| scene.step.touches[0].collides = Some(UpdateId::new(id(9)));
    assert_eq!(found(collides), ["I4"]);
}

#[test]
fn i5_nothing_begins_after_a_halt() {
    let start = night("2026-10-06").start;
    let halted = |before| {
        by(touches::check, |scene| scene.step.halted_before = BTreeMap::from([(BuildId::new(id(1)), start - before)]))
    };
    assert_eq!(halted(TimeDelta::seconds(4)), ["I5"]);
    assert_eq!(halted(TimeDelta::seconds(3)), [""; 0], "it was claimed before");
}

#[test]
fn i6_followers_wait() {
    let follows = |scene: &mut Scene| scene.update(2).follows = Some(EnvironmentId::new(id(1)));
    assert_eq!(by(touches::check, follows), ["I6"]);
    let updated = |scene: &mut Scene| {
        follows(scene);
        scene.environment(1).build = NEW;
    };
    assert_eq!(by(touches::check, updated), [""; 0]);
}

#[test]
fn i7_i8_g6_the_right_build() {
    assert_eq!(found(|scene| scene.step.touches[0].from = BuildVersion::new([10, 0, 48, 3])), ["I7"]);
    assert_eq!(found(|scene| scene.step.touches[0].order.build = OLD), ["I8"]);
    assert_eq!(found(|scene| scene.step.touches[0].order.update = UpdateId::new(id(99))), ["I8"]);
    let other = |scene: &mut Scene| scene.environment(2).service_update = ServiceUpdate::new([10, 0, 47]);
    assert_eq!(found(other), ["G6"]);
}

#[test]
fn who_takes_no_part_is_not_touched() {
    let exemption = |scene: &mut Scene| {
        let expires_at = at("2026-12-01T00:00:00Z");
        scene.environment(2).exemption = Exemption::grant(true, "GxP".into(), "VP-1".into(), expires_at).ok();
    };
    assert_eq!(found(exemption), ["S2"]);
    let batch = |scene: &mut Scene| {
        scene.environment(2).kind = EnvironmentKind::Production;
        scene.environment(2).chosen_days = Some(domain::calendar::DaySet::of([Weekday::Tue]));
        scene.environment(2).priority_batch = false;
    };
    assert_eq!(by(touches::check, batch), ["S4"]);
    assert_eq!(by(touches::check, |scene| scene.update(2).stage = None), ["S5"]);
    assert_eq!(by(touches::check, |scene| scene.environment(2).region = "nowhere".into()), ["S5"]);
    assert_eq!(found(|scene| scene.whole().rollout.policy.sandbox_percent = 0), ["C1"]);
    let due = |on: &str| by(touches::check, |scene| scene.environment(2).service_update_due = on.parse().ok());
    assert_eq!(due("2026-10-15"), ["S1"], "a week after the window");
    assert_eq!(due("2026-10-16"), [""; 0]);
}

#[test]
fn production_is_not_touched_where_its_sandbox_failed() {
    let failed = |hours_before: i64| {
        by(touches::check, |scene| {
            scene.environment(2).kind = EnvironmentKind::Production;
            scene.environment(2).chosen_days = Some(domain::calendar::DaySet::of([Weekday::Tue]));
            let mut sandbox = update(4, 1, SANDBOXES, announced("2026-10-07"));
            sandbox.last_failed_at = Some(night("2026-10-06").start - TimeDelta::hours(hours_before));
            scene.seen.updates.insert(sandbox.id, sandbox);
            scene.seen.fleet.insert(EnvironmentId::new(id(4)), environment(4, 1, EnvironmentKind::Sandbox));
        })
    };
    assert_eq!(failed(4), ["S3"]);
    assert_eq!(failed(1), [""; 0], "clocks may be wrong by so much");
}

#[test]
fn i9_i13_every_change_has_its_record() {
    assert_eq!(by(records::check, |scene| scene.word(2, Some("planned"), "in_progress")), ["I9"], "no such edge");
    assert_eq!(by(records::check, |scene| scene.word(2, Some("succeeded"), "in_progress")), ["I13"]);
    let unlike = |scene: &mut Scene| drop(scene.seen.words.insert(UpdateId::new(id(2)), "announced".into()));
    assert_eq!(by(records::check, unlike), ["I9"]);
    let bound = |scene: &mut Scene| scene.step.changes[0].after.stage = Some(PRODUCTION);
    assert_eq!(by(records::check, bound), ["G5"]);
}

#[test]
fn i10_one_letter_for_each_fact() {
    let halted = NotificationEvent::Halted { of: HaltOf::Rollout, reason: "r".into(), waiting: 1, updated: 0 };
    assert_eq!(by(letters::check, |scene| scene.letter(1, halted)), ["I10"], "nothing is halted");
    let delivered = |scene: &mut Scene| {
        scene.update(2).state = succeeded("2026-10-06");
        scene.word(2, Some("verifying"), "succeeded");
    };
    assert_eq!(by(letters::check, delivered), ["I10"], "nobody is told");
    let subject = || domain::notification::Subject {
        environment: EnvironmentId::new(id(2)),
        name: "E2".into(),
        kind: EnvironmentKind::Sandbox,
    };
    let event =
        || NotificationEvent::Delivered { subject: subject(), night: night("2026-10-06"), minutes: 60, replaces: None };
    for (letters, expected) in [(1, &[][..]), (2, &["I10"])] {
        let told = |scene: &mut Scene| {
            delivered(scene);
            (0..letters).for_each(|n| scene.letter(n, event()));
        };
        assert_eq!(by(letters::check, told), expected, "{letters}");
    }
    assert_eq!(by(letters::check, |scene| scene.word(3, None, "planned")), ["I10"], "nobody is told of a place");
}

#[test]
fn i11_two_people() {
    let opened_at = at("2026-10-09T22:00:00Z");
    let passed_at = opened_at;
    let open = |scene: &mut Scene| {
        scene.whole().stages[0].state = StageState::Passed { opened_at, passed_at };
        scene.stage(1, StageState::Open { opened_at });
    };
    assert_eq!(by(stages::check, open), [""; 0]);
    let unapproved = |scene: &mut Scene| {
        open(scene);
        scene.whole().approvals.clear();
    };
    assert_eq!(by(stages::check, unapproved), ["I11"]);
    let own = |scene: &mut Scene| {
        open(scene);
        scene.whole().approvals[0].1.by = UserId::new(id(1));
    };
    assert_eq!(by(stages::check, own), ["I11"]);
}

#[test]
fn i15_nothing_that_may_start_waits() {
    let mut scene = Scene::new();
    let mut patience = progress::Patience::default();
    let now = night("2026-10-07").start;
    scene.update(2).state = UpdateState::InProgress { night: night("2026-10-06"), started_at: now };
    assert_eq!(patience.ticked(&scene.seen, now - TimeDelta::seconds(1)), []);
    for ticks in 1..=3 {
        assert_eq!(patience.ticked(&scene.seen, now).len(), usize::from(ticks > 2), "{ticks}");
    }
    patience.forget();
    assert_eq!(patience.ticked(&scene.seen, now), []);
    scene.whole().rollout.policy.caps.region = 1;
    assert_eq!(progress::stuck(&scene.seen, &BTreeSet::new(), now), [""; 0], "no room");
    assert_eq!(progress::stuck(&scene.seen, &BTreeSet::new(), night("2026-10-07").end).len(), 1, "a missed night");
    let silent = night("2026-10-07").end + TimeDelta::seconds(1);
    assert_eq!(progress::stuck(&scene.seen, &BTreeSet::new(), silent).len(), 2, "six hours of silence too");
    scene.whole().stages[0].state = StageState::Waiting;
    assert_eq!(
        progress::stuck(&scene.seen, &BTreeSet::new(), at("2026-10-06T00:00:00Z")).len(),
        1,
        "a stage that may open"
    );
}

#[test]
fn i19_nights_are_announced_in_time_and_by_the_rules() {
    let key = (UpdateId::new(id(2)), night("2026-10-06").start);
    let late = |scene: &mut Scene| scene.seen.told.get_mut(&key).unwrap().at = at("2026-10-02T00:00:00Z");
    assert_eq!(found(late), ["I19"]);
    let moved = |scene: &mut Scene| {
        late(scene);
        scene.seen.told.get_mut(&key).unwrap().moved = true;
    };
    assert_eq!(found(moved), [""; 0]);
    assert_eq!(found(|scene| scene.seen.told.clear()), ["I19"]);
    let mut scene = Scene::new();
    scene.update(1).state = announced("2026-10-12");
    assert_eq!(probes::nights(&scene.seen, at("2026-10-01T00:00:00Z")).len(), 1, "production on a Monday");
}

#[test]
fn g2_g3_g5_whose_turn() {
    let enrolled = |scene: &mut Scene| {
        scene.environment(2).designation = Designation::WithProduction { production: EnvironmentId::new(id(1)) };
        scene.step.changes[0].before = None;
    };
    assert_eq!(by(standing::check, enrolled), ["G5", "G5"], "with the sandboxes, and it follows nobody");
    let start_production = |scene: &mut Scene| {
        scene.update(1).state = running("2026-10-10");
        scene.update(2).state = succeeded("2026-10-06");
        scene.change(1, announced("2026-10-10"));
    };
    assert_eq!(by(order::check, start_production), ["G3"]);
    let later = |scene: &mut Scene| {
        start_production(scene);
        scene.whole().rollout.policy.min_gap_days = 4;
    };
    assert_eq!(by(order::check, later), [""; 0]);
    let passed_over = |scene: &mut Scene| {
        later(scene);
        let opened_at = night("2026-10-09").start;
        scene.whole().stages[1].state = StageState::Open { opened_at };
        scene.environment(3).kind = EnvironmentKind::Production;
        scene.environment(3).designation = Designation::Early;
        let early = scene.update(3);
        (early.stage, early.state) = (Some(PRODUCTION), announced("2026-10-10"));
    };
    assert_eq!(by(order::check, passed_over), ["G2"]);
}
