//! Rollouts that are not looked at, and what ends that.

use super::audit_and_outbox::event;
use super::fixtures::{
    a_rollout, an_update, contoso, env, fleet, later, night, now, rol, running, service_update, update_id,
};
use super::harness::on_both;
use crate::audit::{AuditObject, NewAudit};
use crate::rollout::{Marks, REST_MAX, Reach, awake, load_facts, rest};
use crate::update::Expect;
use crate::{Connection, Db, Tx, audit, estate, rollout, update};
use chrono::{DateTime, TimeDelta, Utc};
use domain::rollout::{HaltCause, UpdateState};

on_both! {
    time_ends_a_rest what_happens_to_an_environment_ends_a_rest what_is_recorded_of_more_than_one_environment_ends_a_rest
    what_ends_elsewhere_ends_a_rest a_halted_rollout_rests_whoever_is_due
    a_rest_is_not_written_over_what_happened_since
}

/// One minute: shorter than any rest.
const SOON: TimeDelta = TimeDelta::minutes(1);

fn applying() -> UpdateState {
    UpdateState::InProgress { night: night(0), started_at: now() }
}

async fn marks(conn: &impl Connection) -> Marks {
    load_facts(conn, rol(50), Reach::These(&[])).await.unwrap().unwrap().marks
}

async fn generation(conn: &impl Connection) -> i64 {
    rollout::find(conn, rol(50)).await.unwrap().unwrap().generation
}

async fn is_awake(conn: &impl Connection, at: DateTime<Utc>) -> bool {
    !awake(conn, at).await.unwrap().is_empty()
}

async fn lay_down(tx: &Tx, until: DateTime<Utc>) {
    rest(tx, (rol(50), generation(tx).await), marks(tx).await, until).await.unwrap();
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

async fn what_ends_elsewhere_ends_a_rest(db: &Db) {
    let tx = resting(db).await;
    rollout::insert(&tx, &a_rollout(51)).await.unwrap();
    update::enrol_many(&tx, vec![an_update(51, 1, applying())]).await.unwrap();
    assert!(is_awake(&tx, now() + SOON).await, "something began since");
    lay_down(&tx, later(1)).await;
    assert!(!is_awake(&tx, now() + SOON).await);
    let done = applying().applied(now()).unwrap().confirm(now()).unwrap();
    update::save_state(&tx, update_id(51, 1), Expect::Generation(1), &done, 1).await.unwrap();
    assert!(is_awake(&tx, now() + SOON).await, "there is room for another");
}

async fn a_halted_rollout_rests_whoever_is_due(db: &Db) {
    let tx = resting(db).await;
    update::enrol_many(&tx, vec![an_update(50, 1, applying())]).await.unwrap();
    let halted = running().halt(HaltCause::Build { reason: "it was stopped".into() }, now()).unwrap();
    rollout::set_state(&tx, rol(50), &halted).await.unwrap();
    estate::touch_rollout(&tx, rol(50)).await.unwrap();
    lay_down(&tx, later(1)).await;
    assert!(!is_awake(&tx, now() + SOON).await, "nobody is looked at");
    let verifying = applying().applied(now()).unwrap();
    update::save_state(&tx, update_id(50, 1), Expect::Generation(1), &verifying, 1).await.unwrap();
    assert!(is_awake(&tx, now() + SOON).await, "its report counts another state");
    lay_down(&tx, later(1)).await;
    audit::append(&tx, &event(1)).await.unwrap();
    assert!(is_awake(&tx, now() + SOON).await);
}

async fn a_rest_is_not_written_over_what_happened_since(db: &Db) {
    let tx = resting(db).await;
    let (was, known) = (generation(&tx).await, marks(&tx).await);
    audit::append(&tx, &event(1)).await.unwrap();
    rest(&tx, (rol(50), was), known, later(1)).await.unwrap();
    assert!(is_awake(&tx, now() + SOON).await, "the plan did not know");
    let is = rollout::bump(&tx, rol(50), was).await.unwrap();
    rest(&tx, (rol(50), was), marks(&tx).await, later(1)).await.unwrap();
    assert!(is_awake(&tx, now() + SOON).await, "it has moved on");
    rest(&tx, (rol(50), is), marks(&tx).await, later(1)).await.unwrap();
    assert!(!is_awake(&tx, now() + SOON).await);
}
