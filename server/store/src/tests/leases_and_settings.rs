//! One owner at a time, and a late one writes nothing.

use super::fixtures::{later, now};
use super::harness::on_both;
use crate::{Db, Error, lease, setting};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

on_both! { a_lease_has_one_owner a_stale_epoch_is_refused one_of_many_claims_wins settings_keep_their_value }

const TTL: TimeDelta = TimeDelta::hours(2);

async fn a_lease_has_one_owner(db: &Db) {
    let tx = db.begin().await.unwrap();
    let claim = async |owner: &str, hours| lease::claim(&tx, "planner", owner, later(hours), TTL).await.unwrap();
    assert_eq!(claim("a", 0).await, Some(1));
    assert_eq!(claim("b", 1).await, None);
    assert_eq!(claim("a", 1).await, Some(1), "renewed: the same epoch");
    assert_eq!(claim("b", 2).await, None, "the renewal holds until 3");
    assert_eq!(claim("b", 3).await, Some(2), "lapsed: another owner, another epoch");
    assert_eq!(claim("a", 4).await, None);
    assert_eq!(claim("b", 9).await, Some(3), "its own, but lapsed: someone may have worked meanwhile");
    lease::release(&tx, "planner", "a").await.unwrap();
    assert_eq!(claim("a", 10).await, None, "only the owner can release");
    lease::release(&tx, "planner", "b").await.unwrap();
    assert_eq!(claim("a", 10).await, Some(4));
    assert_eq!(lease::claim(&tx, "mailer", "c", now(), TTL).await.unwrap(), Some(1), "leases do not touch each other");
    tx.commit().await.unwrap();
}

async fn a_stale_epoch_is_refused(db: &Db) {
    let tx = db.begin().await.unwrap();
    let never = lease::check_epoch(&tx, "planner", 1).await;
    assert!(matches!(never, Err(Error::Conflict { .. })), "{never:?}");
    lease::claim(&tx, "planner", "a", now(), TTL).await.unwrap();
    lease::check_epoch(&tx, "planner", 1).await.unwrap();
    lease::claim(&tx, "planner", "b", later(3), TTL).await.unwrap();
    let stale = lease::check_epoch(&tx, "planner", 1).await;
    assert!(matches!(stale, Err(Error::Conflict { .. })), "{stale:?}");
    lease::check_epoch(&tx, "planner", 2).await.unwrap();
    tx.commit().await.unwrap();
}

async fn one_of_many_claims_wins(db: &Db) {
    let racers = (0..8).map(|owner| {
        let db = db.clone();
        tokio::spawn(async move {
            let tx = db.begin().await.unwrap();
            let won = lease::claim(&tx, "planner", &format!("server-{owner}"), now(), TTL).await.unwrap();
            tx.commit().await.unwrap();
            won
        })
    });
    let mut epochs = Vec::new();
    for racer in racers.collect::<Vec<_>>() {
        epochs.extend(racer.await.unwrap());
    }
    assert_eq!(epochs, [1]);
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Clock {
    factor: u32,
}

async fn settings_keep_their_value(db: &Db) {
    let tx = db.begin().await.unwrap();
    assert_eq!(setting::get::<Clock>(&tx, "demo.clock").await.unwrap(), None);
    for factor in [60, 3600] {
        setting::put(&tx, "demo.clock", &Clock { factor }).await.unwrap();
        assert_eq!(setting::get(&tx, "demo.clock").await.unwrap(), Some(Clock { factor }));
    }
    setting::put(&tx, "demo.clock", &"fast").await.unwrap();
    let other = setting::get::<Clock>(&tx, "demo.clock").await;
    assert!(matches!(other, Err(Error::Inconsistent { table: "setting", .. })), "{other:?}");
    tx.commit().await.unwrap();
}
