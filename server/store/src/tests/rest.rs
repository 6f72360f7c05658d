//! Rollouts that are not looked at, and what ends that.

use super::audit_and_outbox::event;
use super::fixtures::{an_update, contoso, env, fleet, later, night, now, rol, running, service_update, update_id};
use super::harness::on_both;
use crate::audit::{AuditObject, NewAudit};
use crate::rollout::{REST_MAX, Reach, awake, load_facts, rest};
use crate::update::Expect;
use crate::{Connection, Db, Tx, audit, estate, rollout, update};
use chrono::{DateTime, TimeDelta, Utc};
use domain::rollout::UpdateState;

on_both! {
    time_ends_a_rest what_happens_to_an_environment_ends_a_rest what_is_recorded_of_more_than_one_environment_ends_a_rest
    a_night_that_has_begun_is_no_rest a_rest_is_not_written_over_what_happened_since
}

/// One minute: shorter than any rest.
const SOON: TimeDelta = TimeDelta::minutes(1);

async fn stirred(conn: &impl Connection) -> i64 {
    load_facts(conn, rol(50), Reach::These(&[])).await.unwrap().unwrap().stirred
}

async fn generation(conn: &impl Connection) -> i64 {
    rollout::find(conn, rol(50)).await.unwrap().unwrap().generation
}

async fn is_awake(conn: &impl Connection, at: DateTime<Utc>) -> bool {
    !awake(conn, at).await.unwrap().is_empty()
}

async fn lay_down(tx: &Tx, until: DateTime<Utc>) {
    rest(tx, (rol(50), generation(tx).await), stirred(tx).await, until).await.unwrap();
}

/// Under way, and nobody is due; it rests for an hour.
async fn resting(db: &Db) -> Tx {
    fleet(db, 50, 3).await;
    let tx = db.begin().await.unwrap();
    rollout::set_state(&tx, rol(50), &running()).await.unwrap();
    estate::open(&tx, rol(50), service_update("10.0.48")).await.unwrap();
    assert!(is_awake(&tx, now()).await, "nobody was looked at");
    let seen = estate::due(&tx, rol(50), now(), 10).await.unwrap();
    estate::save(&tx, rol(50), &seen, &[]).await.unwrap();
    assert!(is_awake(&tx, now()).await, "no plan laid it down");
    lay_down(&tx, later(1)).await;
    assert!(!is_awake(&tx, now() + SOON).await);
    tx
}

async fn time_ends_a_rest(db: &Db) {
    let tx = resting(db).await;
    assert!(!is_awake(&tx, later(1) - SOON).await);
    assert!(is_awake(&tx, later(1)).await);
    assert!(is_awake(&tx, later(1) - REST_MAX - SOON).await, "a clock that was ahead wrote it");
}

async fn what_happens_to_an_environment_ends_a_rest(db: &Db) {
    let tx = resting(db).await;
    estate::touch_in(&tx, [(rol(50).uuid(), contoso().uuid())]).await.unwrap();
    assert!(is_awake(&tx, now() + SOON).await);
}

async fn what_is_recorded_of_more_than_one_environment_ends_a_rest(db: &Db) {
    let tx = resting(db).await;
    let object = AuditObject { kind: "environment".into(), id: env(1).to_string() };
    audit::append(&tx, &NewAudit { object, ..event(1) }).await.unwrap();
    assert!(!is_awake(&tx, now() + SOON).await, "that one's estate would be due");
    audit::append(&tx, &event(2)).await.unwrap();
    assert!(is_awake(&tx, now() + SOON).await);
    lay_down(&tx, later(1)).await;
    assert!(!is_awake(&tx, now() + SOON).await);
    rollout::bump(&tx, rol(50), generation(&tx).await).await.unwrap();
    assert!(is_awake(&tx, now() + SOON).await);
}

async fn a_night_that_has_begun_is_no_rest(db: &Db) {
    let tx = resting(db).await;
    update::enrol_many(&tx, vec![an_update(50, 1, UpdateState::Planned)]).await.unwrap();
    let announced = UpdateState::Announced { night: night(1), announced_at: now(), moved: None };
    update::save_state(&tx, update_id(50, 1), Expect::Generation(1), &announced, 0).await.unwrap();
    let seen = estate::due(&tx, rol(50), now(), 10).await.unwrap();
    estate::save(&tx, rol(50), &seen, &[]).await.unwrap();
    let begins = night(1).start;
    lay_down(&tx, begins + TimeDelta::minutes(30)).await;
    assert!(!is_awake(&tx, begins - SOON).await);
    assert!(is_awake(&tx, begins).await, "it may start");
}

async fn a_rest_is_not_written_over_what_happened_since(db: &Db) {
    let tx = resting(db).await;
    let (was, known) = (generation(&tx).await, stirred(&tx).await);
    audit::append(&tx, &event(1)).await.unwrap();
    rest(&tx, (rol(50), was), known, later(1)).await.unwrap();
    assert!(is_awake(&tx, now() + SOON).await, "the plan did not know");
    let is = rollout::bump(&tx, rol(50), was).await.unwrap();
    rest(&tx, (rol(50), was), stirred(&tx).await, later(1)).await.unwrap();
    assert!(is_awake(&tx, now() + SOON).await, "it has moved on");
    rest(&tx, (rol(50), is), stirred(&tx).await, later(1)).await.unwrap();
    assert!(!is_awake(&tx, now() + SOON).await);
}
