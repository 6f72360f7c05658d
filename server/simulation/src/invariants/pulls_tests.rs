//! What an owner takes ahead of its night: for each check one change by which it does not hold.

use super::scene::{NEW, Scene, announced, asked_at, by, id, night, person, running, succeeded};
use super::{nights, order, pulls, starts, touches};
use crate::watch::Choice;
use crate::ways::Ways;
use domain::fleet::EnvironmentKind;
use domain::ids::{BuildId, CustomerId, UserId};
use domain::pull_ahead::Booked;
use domain::rollout::{StageState, UpdateState};
use std::sync::Arc;

/// The owner, user 7, takes environment 3 ahead: from the night of the 7th to that of the 6th.
fn pulled(scene: &mut Scene) {
    let before = scene.update(3).state.clone();
    scene.update(3).state = announced("2026-10-06");
    scene.change(3, before.clone());
    scene.update(3).pull = Some(Booked::new(person(7), asked_at(), before, night("2026-10-06")));
    scene.step.changes.last_mut().unwrap().after = scene.update(3).clone();
    scene.word(3, Some("announced"), "moved");
    let word = scene.step.words.last_mut().unwrap();
    (word.choice, word.seq, word.at) = (Choice::Pulled, 9, asked_at());
    let owners = [(UserId::new(id(7)), CustomerId::new(id(2)))].into();
    scene.seen.ways = Arc::new(Ways { owners, ..Ways::default() });
}

#[test]
fn what_is_taken_ahead_is_its_owners_and_comes_before_its_night() {
    let with = |change: fn(&mut Scene)| {
        by(pulls::check, |scene| {
            pulled(scene);
            change(scene);
        })
    };
    assert_eq!(with(|_| {}), [""; 0]);
    let later = |scene: &mut Scene| {
        scene.step.changes.last_mut().unwrap().after.state = announced("2026-10-08");
    };
    assert_eq!(with(later), ["PULL"], "after its own night");
    let halted = |scene: &mut Scene| {
        scene.step.halted_before.insert(BuildId::new(id(1)), asked_at());
    };
    assert_eq!(with(halted), ["PULL"]);
    assert_eq!(with(|scene| scene.environment(3).build = NEW), ["PULL"], "it runs it already");
    let failed = |scene: &mut Scene| {
        scene.environment(3).kind = EnvironmentKind::Production;
        scene.environment(2).customer = CustomerId::new(id(2));
        scene.update(2).customer = CustomerId::new(id(2));
        scene.update(2).last_failed_at = Some(asked_at());
    };
    assert_eq!(with(failed), ["PULL"], "it failed in an own sandbox (S3)");
}

#[test]
fn what_is_taken_ahead_ends_as_satisfied_or_as_it_was() {
    let ended = |before: UpdateState, after: UpdateState, keeps: bool| {
        by(pulls::check, |scene| {
            scene.step.words.clear();
            scene.step.changes.clear();
            scene.update(3).state = after;
            scene.change(3, before);
            let booked = Booked::new(person(7), asked_at(), announced("2026-10-07"), night("2026-10-06"));
            let change = scene.step.changes.last_mut().unwrap();
            change.before.as_mut().unwrap().pull = Some(booked.clone());
            change.after.pull = keeps.then_some(booked);
        })
    };
    let booked = || announced("2026-10-06");
    assert_eq!(ended(booked(), announced("2026-10-07"), false), [""; 0]);
    assert_eq!(ended(booked(), UpdateState::Planned, false), ["PULL"], "its own night is lost");
    let (since, started_at) = (asked_at(), asked_at());
    let satisfied = |cancelled, pulled_at| UpdateState::AlreadySatisfied { since, cancelled, pulled_at };
    let own = Some(night("2026-10-07"));
    assert_eq!(ended(running("2026-10-06"), satisfied(own, Some(started_at)), true), [""; 0]);
    assert_eq!(ended(running("2026-10-06"), satisfied(None, Some(started_at)), true), ["PULL"], "its own night stands");
    assert_eq!(ended(running("2026-10-06"), succeeded("2026-10-06"), true), ["PULL"], "counted as pushed");
}

/// What keeps the push in order does not keep what its owner takes ahead: no open stage, no gap, no weekend, no share.
#[test]
fn what_is_taken_ahead_is_judged_by_what_protects_it() {
    let pull = |scene: &mut Scene| {
        scene.update(2).pull = Some(Booked::new(person(7), asked_at(), UpdateState::Planned, night("2026-10-10")));
        scene.whole().stages[0].state = StageState::Waiting;
        scene.whole().rollout.policy.sandbox_percent = 0;
        scene.environment(2).tier = 4;
    };
    assert_eq!(by(starts::check, pull), [""; 0]);
    assert_eq!(by(touches::check, pull), [""; 0]);
    let there = |scene: &mut Scene| {
        pull(scene);
        scene.environment(2).build = NEW;
    };
    assert_eq!(by(starts::check, there), ["G6"], "no second start of the same build");
    assert_eq!(by(touches::check, there), ["G6"]);
    let production = |scene: &mut Scene| {
        scene.update(1).state = running("2026-10-10");
        scene.update(2).state = succeeded("2026-10-06");
        scene.change(1, announced("2026-10-10"));
        scene.update(1).pull = Some(Booked::new(person(7), asked_at(), UpdateState::Planned, night("2026-10-10")));
        scene.step.changes.last_mut().unwrap().after = scene.update(1).clone();
    };
    assert_eq!(by(order::check, production), [""; 0], "the gap is theirs");
    let moved = |scene: &mut Scene| {
        scene.step.words.clear();
        scene.word(2, Some("announced"), "moved");
        scene.step.words[0].choice = Choice::Pulled;
    };
    assert_eq!(by(nights::check, moved), [""; 0], "no notice is owed");
}
