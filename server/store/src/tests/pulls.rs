//! What owners take ahead of its night.

use super::fixtures::{an_update, fleet, later, night, now, rol, running, update_id, user};
use super::harness::on_both;
use crate::Db;
use crate::rollout::{self, Reach, load_facts};
use crate::update::{self, Expect};
use domain::fleet::{Audience, StageKey, StationNumber};
use domain::people::Person;
use domain::pull_ahead::Booked;
use domain::rollout::UpdateState;

on_both! { what_is_taken_ahead_is_kept_and_counted_apart }

async fn what_is_taken_ahead_is_kept_and_counted_apart(db: &Db) {
    fleet(db, 50, 2).await;
    let tx = db.begin().await.unwrap();
    rollout::set_state(&tx, rol(50), &running()).await.unwrap();
    let stage = StageKey { station: StationNumber(2), audience: Audience::Sandbox };
    let announced = UpdateState::Announced { night: night(7), announced_at: later(1), moved: None };
    for number in 1..=2 {
        let mut new = an_update(50, number, announced.clone());
        new.stage = Some(stage);
        update::enrol_many(&tx, vec![new]).await.unwrap();
    }
    let id = update_id(50, 1);
    let by = Person { id: user(8), name: "Ada".into() };
    let booked = Booked::new(by, now(), UpdateState::Planned, night(3));
    update::set_pull(&tx, id, Some(&booked)).await.unwrap();
    assert_eq!(update::get(&tx, id).await.unwrap().unwrap().pull, Some(booked));
    let satisfied = UpdateState::AlreadySatisfied { since: later(9), cancelled: None, pulled_at: Some(later(8)) };
    update::save_state(&tx, id, Expect::State(&announced), &satisfied, 1).await.unwrap();
    let tally = |loaded: &rollout::Loaded| {
        let facts = &loaded.facts;
        let stage = facts.stages.iter().find(|known| known.key == stage).unwrap();
        (stage.tally.evidence.succeeded, facts.reports.reported)
    };
    assert_eq!(
        tally(&load_facts(&tx, rol(50), Reach::Everyone).await.unwrap().unwrap()),
        (0, 1),
        "evidence of failures, no part of the share"
    );
    update::set_pull(&tx, id, None).await.unwrap();
    assert_eq!(update::get(&tx, id).await.unwrap().unwrap().pull, None);
    tx.commit().await.unwrap();
}
