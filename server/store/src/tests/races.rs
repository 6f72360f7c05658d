//! Two writers, one row: the database decides, and the loser hears of it.

use super::fixtures::{an_update, contoso, env, fleet, later, night, now, rol, running, sandbox, train, update_id};
use super::harness::on_both;
use crate::update::{Expect, Step, Update};
use crate::{Connection, Db, Error, customer, environment, estate, rollout, update};
use domain::fleet::Designation;
use domain::permission::TenantScope;
use domain::rollout::{EnvironmentReason, RolloutState, UpdateState};
use std::time::Duration;

on_both! {
    a_lost_generation_is_a_conflict one_of_many_bumps_wins an_environment_is_never_in_two_updates
    an_update_is_saved_only_over_what_was_believed many_are_saved_together_or_none
    many_are_explained_together a_dropped_transaction_leaves_nothing
    a_dispatch_is_claimed_once choices_for_one_customer_queue whoever_comes_while_a_rollout_starts_is_looked_at
}

fn is_conflict<T: std::fmt::Debug>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Conflict { .. }))
}

async fn a_lost_generation_is_a_conflict(db: &Db) {
    fleet(db, 50, 2).await;
    let tx = db.begin().await.unwrap();
    assert_eq!(rollout::bump(&tx, rol(50), 1).await.unwrap(), 2);
    let late = rollout::bump(&tx, rol(50), 1).await;
    assert!(is_conflict(&late), "{late:?}");
    assert_eq!(environment::set_designation(&tx, env(1), 1, Designation::Early).await.unwrap(), 2);
    let late = environment::set_designation(&tx, env(1), 1, Designation::Standard).await;
    assert!(is_conflict(&late), "{late:?}");
    let nobody = environment::set_designation(&tx, env(99), 1, Designation::Standard).await;
    assert!(matches!(nobody, Err(Error::NotFound)), "{nobody:?}");
    tx.commit().await.unwrap();
}

async fn one_of_many_bumps_wins(db: &Db) {
    fleet(db, 50, 0).await;
    let racers = (0..8).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let tx = db.begin().await.unwrap();
            let won = rollout::bump(&tx, rol(50), 1).await;
            if won.is_ok() {
                tx.commit().await.unwrap();
            }
            won
        })
    });
    let mut winners = 0;
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Ok(2) => winners += 1,
            lost => assert!(is_conflict(&lost), "{lost:?}"),
        }
    }
    assert_eq!(winners, 1);
    assert_eq!(rollout::find(db.reader(), rol(50)).await.unwrap().unwrap().generation, 2);
}

async fn a_dispatch_is_claimed_once(db: &Db) {
    fleet(db, 50, 1).await;
    let started = UpdateState::InProgress { night: night(1), started_at: now() };
    let tx = db.begin().await.unwrap();
    update::enrol_many(&tx, vec![an_update(50, 1, started.clone())]).await.unwrap();
    let id = update_id(50, 1);
    let dispatched = async || update::get(&tx, id).await.unwrap().unwrap().dispatched_at;
    let late = update::claim_dispatch(&tx, id, 7, later(1)).await;
    assert!(is_conflict(&late) && dispatched().await.is_none(), "{late:?}");
    update::claim_dispatch(&tx, id, 1, later(1)).await.unwrap();
    let twice = update::claim_dispatch(&tx, id, 1, later(2)).await;
    assert!(is_conflict(&twice), "{twice:?}");
    // Kept while the update runs, forgotten when the attempt is over.
    let verifying = started.clone().applied(later(2)).unwrap();
    update::save_state(&tx, id, Expect::State(&started), &verifying, 1).await.unwrap();
    assert_eq!(dispatched().await, Some(later(1)));
    let failed = verifying.clone().fail("disk full".into(), later(3)).unwrap();
    let generation = update::save_state(&tx, id, Expect::State(&verifying), &failed, 1).await.unwrap();
    assert_eq!(dispatched().await, None);
    let over = update::claim_dispatch(&tx, id, generation, later(4)).await;
    assert!(is_conflict(&over), "{over:?}");
    tx.commit().await.unwrap();
}

async fn an_environment_is_never_in_two_updates(db: &Db) {
    fleet(db, 50, 1).await;
    let running = UpdateState::InProgress { night: night(1), started_at: now() };
    let tx = db.begin().await.unwrap();
    rollout::insert(&tx, &super::fixtures::a_rollout(51)).await.unwrap();
    update::enrol_many(&tx, vec![an_update(50, 1, running.clone()), an_update(51, 1, UpdateState::Planned)])
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let tx = db.begin().await.unwrap();
    let announced = UpdateState::Announced { night: night(2), announced_at: now(), moved: None };
    update::save_state(&tx, update_id(51, 1), Expect::Generation(1), &announced, 0).await.unwrap();
    tx.commit().await.unwrap();
    for second in [running.clone(), UpdateState::Verifying { night: night(1), started_at: now(), applied_at: later(1) }]
    {
        let tx = db.begin().await.unwrap();
        let refused = update::save_state(&tx, update_id(51, 1), Expect::State(&announced), &second, 1).await;
        assert!(is_conflict(&refused), "{refused:?}");
    }
    // Once the first is over, the second may start.
    let tx = db.begin().await.unwrap();
    let done = UpdateState::Succeeded { night: night(1), started_at: now(), finished_at: later(1) };
    update::save_state(&tx, update_id(50, 1), Expect::State(&running), &done, 1).await.unwrap();
    update::save_state(&tx, update_id(51, 1), Expect::State(&announced), &running, 1).await.unwrap();
    let found = update::running(&tx).await.unwrap();
    assert_eq!(found.iter().map(|r| r.as_ref().unwrap().update.id).collect::<Vec<_>>(), [update_id(51, 1)]);
    tx.commit().await.unwrap();
}

async fn an_update_is_saved_only_over_what_was_believed(db: &Db) {
    fleet(db, 50, 1).await;
    let announced = |days| UpdateState::Announced { night: night(days), announced_at: now(), moved: None };
    let tx = db.begin().await.unwrap();
    update::enrol_many(&tx, vec![an_update(50, 1, announced(7))]).await.unwrap();
    let id = update_id(50, 1);
    let running = UpdateState::InProgress { night: night(7), started_at: now() };
    // Another state, another night, another generation: each is a belief that no longer holds.
    for expect in [Expect::State(&UpdateState::Planned), Expect::State(&announced(8)), Expect::Generation(2)] {
        let refused = update::save_state(&tx, id, expect, &running, 1).await;
        assert!(is_conflict(&refused), "{refused:?}");
    }
    assert_eq!(update::save_state(&tx, id, Expect::State(&announced(7)), &running, 1).await.unwrap(), 2);
    let nobody = update::save_state(&tx, update_id(9, 9), Expect::Generation(1), &running, 1).await;
    assert!(matches!(nobody, Err(Error::NotFound)), "{nobody:?}");
    update::save_reasons(&tx, id, &[], Some(later(1))).await.unwrap();
    let saved = update::get(&tx, id).await.unwrap().unwrap();
    assert_eq!((saved.generation, saved.next), (2, Some(later(1))));
    tx.commit().await.unwrap();
    let tx = db.begin().await.unwrap();
    let twice = update::enrol_many(&tx, vec![super::fixtures::an_update(50, 1, UpdateState::Planned)]).await;
    assert!(is_conflict(&twice), "{twice:?}");
}

/// Counters, lists and estates follow; where one of them is not what was believed, none is saved.
async fn many_are_saved_together_or_none(db: &Db) {
    fleet(db, 50, 2).await;
    let started = |days| UpdateState::InProgress { night: night(days), started_at: now() };
    let verifying = UpdateState::Verifying { night: night(7), started_at: now(), applied_at: later(1) };
    let tx = db.begin().await.unwrap();
    update::enrol_many(&tx, (1..=2).map(|number| an_update(50, number, started(7))).collect()).await.unwrap();
    tx.commit().await.unwrap();
    let known = async |number| update::get(db.reader(), update_id(50, number)).await.unwrap().unwrap();
    let (one, two) = (known(1).await, known(2).await);
    let stale = Update { state: started(8), ..two.clone() };
    {
        let tx = db.begin().await.unwrap();
        let steps = [Step { update: &one, to: &verifying }, Step { update: &stale, to: &verifying }];
        assert!(is_conflict(&update::save_steps(&tx, &steps).await));
    }
    assert_eq!(known(1).await, one);
    let tx = db.begin().await.unwrap();
    let steps = [Step { update: &two, to: &verifying }, Step { update: &one, to: &verifying }];
    update::save_steps(&tx, &steps).await.unwrap();
    tx.commit().await.unwrap();
    for (number, before) in [(1, one), (2, two)] {
        let now = known(number).await;
        assert_eq!(
            (now.state, now.attempts, now.generation),
            (verifying.clone(), before.attempts, before.generation + 1)
        );
    }
    assert_eq!(crate::census::miscounts(db.reader()).await.unwrap(), []);
}

async fn many_are_explained_together(db: &Db) {
    fleet(db, 50, 3).await;
    let tx = db.begin().await.unwrap();
    update::enrol_many(&tx, (1..=3).map(|number| an_update(50, number, UpdateState::Planned)).collect()).await.unwrap();
    let why = [EnvironmentReason::NotNamed];
    let both = [(update_id(50, 1), &why[..], Some(later(1))), (update_id(50, 2), &[][..], None)];
    update::explain(&tx, &both).await.unwrap();
    update::explain(&tx, &[]).await.unwrap();
    let mut found = Vec::new();
    for number in 1..=3 {
        let Update { reasons, next, generation, .. } = update::get(&tx, update_id(50, number)).await.unwrap().unwrap();
        assert_eq!(generation, 1, "no part of what writers decide on");
        found.push((reasons, next));
    }
    let third = found.pop().unwrap();
    assert_eq!(found, [(why.to_vec(), Some(later(1))), (vec![], None)]);
    assert_ne!(third.0, why, "nobody else");
    let unknown = update::explain(&tx, &[both[0], (update_id(9, 9), &[], None)]).await;
    assert!(matches!(unknown, Err(Error::NotFound)), "{unknown:?}");
}

async fn a_dropped_transaction_leaves_nothing(db: &Db) {
    fleet(db, 50, 0).await;
    {
        let tx = db.begin().await.unwrap();
        environment::insert_many(&tx, vec![sandbox(1, "uat")]).await.unwrap();
        rollout::set_state(&tx, rol(50), &running()).await.unwrap();
    }
    let tx = db.begin().await.unwrap();
    environment::insert_many(&tx, vec![sandbox(2, "dev")]).await.unwrap();
    tx.rollback().await.unwrap();
    for number in [1, 2] {
        assert_eq!(environment::find(db.reader(), TenantScope::AllCustomers, env(number)).await.unwrap(), None);
    }
    assert_eq!(rollout::find(db.reader(), rol(50)).await.unwrap().unwrap().state, RolloutState::Draft);
    assert_eq!(crate::deployment::by_service_update(db.reader()).await.unwrap(), []);
    let written = db.reader().execute_unprepared("update setting set value = value").await;
    assert_eq!(written.is_ok(), db.is_postgres(), "an SQLite reader must refuse to write");
}

async fn whoever_comes_while_a_rollout_starts_is_looked_at(db: &Db) {
    fleet(db, 50, 0).await;
    let coming = db.begin().await.unwrap();
    environment::insert_many(&coming, vec![sandbox(1, "uat")]).await.unwrap();
    let other = db.clone();
    let starting = tokio::spawn(async move {
        let tx = other.begin().await.unwrap();
        rollout::set_state(&tx, rol(50), &running()).await.unwrap();
        estate::open(&tx, rol(50), train().service_update).await.unwrap();
        tx.commit().await.unwrap();
    });
    // Long enough for the start to come as far as it can.
    tokio::time::sleep(Duration::from_millis(200)).await;
    coming.commit().await.unwrap();
    starting.await.unwrap();
    let due = estate::due(db.reader(), rol(50), now(), 10).await.unwrap();
    assert_eq!(due.iter().map(|seen| seen.customer).collect::<Vec<_>>(), [contoso()]);
}

/// Two sandboxes; each may leave the front only while the other one is there.
async fn choices_for_one_customer_queue(db: &Db) {
    fleet(db, 50, 2).await;
    let choosers = [1, 2].map(|number| {
        let db = db.clone();
        tokio::spawn(async move {
            let tx = db.begin().await.unwrap();
            customer::lock(&tx, contoso()).await.unwrap();
            let estate = environment::estate(&tx, contoso()).await.unwrap();
            let free = estate.iter().any(|e| e.id != env(number) && e.designation == Designation::Standard);
            // Long enough that the other one has begun.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            if free {
                environment::set_designation(&tx, env(number), 1, Designation::Early).await.unwrap();
            }
            tx.commit().await.unwrap();
            free
        })
    });
    let mut left = 0;
    for chooser in choosers {
        left += u32::from(chooser.await.unwrap());
    }
    assert_eq!(left, 1);
    let tx = db.begin().await.unwrap();
    let nobody = customer::lock(&tx, super::fixtures::id(99)).await;
    assert!(matches!(nobody, Err(Error::NotFound)), "{nobody:?}");
}
