//! Hours that are joined, and the sums of a stage.

use super::fixtures::{an_update, env, fleet, night, now, rol, update_id};
use super::harness::on_both;
use crate::telemetry::{self, Hours};
use crate::update::{Expect, NewUpdate};
use crate::{Db, Tx, update};
use chrono::TimeDelta;
use domain::fleet::{Audience, StageKey, StationNumber};
use domain::health::{Hour, HourSample, StageHour, StageTelemetry};
use domain::rollout::UpdateState;
use std::collections::BTreeSet;

on_both! {
    hours_are_joined_as_the_rule_joins_them a_stage_sums_the_hours_of_what_was_updated old_hours_are_forgotten
    whom_a_rollout_counts_is_aboard_once
}

const STAGE: StageKey = StageKey { station: StationNumber(2), audience: Audience::Sandbox };

fn sample(covered_seconds: u16, usage: u64, errors: u64) -> HourSample {
    HourSample { covered_seconds, usage, errors }
}

fn first() -> Hour {
    Hour::from(now())
}

async fn say(tx: &Tx, environment: u128, hour: Hour, said: HourSample) {
    telemetry::join(tx, &Hours::from([((env(environment), hour), said)]), now()).await.unwrap();
}

async fn hours_are_joined_as_the_rule_joins_them(db: &Db) {
    fleet(db, 50, 1).await;
    let tx = db.begin().await.unwrap();
    let said = [sample(1800, 50, 9), sample(3600, 100, 2), sample(3600, 90, 0), sample(900, 500, 1)];
    let expected = said.into_iter().reduce(HourSample::join);
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let hour = first().plus(order[0]);
        for index in order.into_iter().chain(order) {
            say(&tx, 1, hour, said[usize::try_from(index).unwrap()]).await;
        }
        assert_eq!(telemetry::hour(&tx, env(1), hour).await.unwrap(), expected);
    }
    let named = BTreeSet::from([env(1), env(99)]);
    assert_eq!(telemetry::known(&tx, &named).await.unwrap().into_iter().collect::<Vec<_>>(), [env(1)]);
}

/// Environments 1 and 2 are updated before the first hour, 3 within the second, 4 is not.
async fn updated(db: &Db) -> Tx {
    fleet(db, 50, 4).await;
    let tx = db.begin().await.unwrap();
    let announced = UpdateState::Announced { night: night(0), announced_at: now(), moved: None };
    let late = first().plus(1).start() + TimeDelta::minutes(1);
    for (number, finished) in [(1, Some(now())), (2, Some(now())), (3, Some(late)), (4, None)] {
        let new = NewUpdate { stage: Some(STAGE), ..an_update(50, number, announced.clone()) };
        update::enrol_many(&tx, vec![new]).await.unwrap();
        let Some(finished) = finished else { continue };
        let running = announced.clone().start(now()).unwrap();
        let done = running.clone().applied(now()).and_then(|applied| applied.confirm(finished)).unwrap();
        update::save_state(&tx, update_id(50, number), Expect::Generation(1), &running, 1).await.unwrap();
        update::save_state(&tx, update_id(50, number), Expect::Generation(2), &done, 1).await.unwrap();
    }
    tx
}

async fn a_stage_sums_the_hours_of_what_was_updated(db: &Db) {
    let tx = updated(db).await;
    let hour = |hours| first().plus(hours);
    for hours in 0..3 {
        say(&tx, 1, hour(hours), sample(3600, 100, 1)).await;
        say(&tx, 4, hour(hours), sample(3600, 7_000, 700)).await;
    }
    // Half an hour is not heard, but its errors count.
    say(&tx, 2, hour(0), sample(1800, 40, 4)).await;
    say(&tx, 3, hour(1), sample(3600, 10, 0)).await;
    say(&tx, 3, hour(2), sample(3600, 10, 0)).await;
    for number in 1..=3 {
        say(&tx, number, hour(2 - 168), sample(3600, 200, 0)).await;
    }
    let sums = telemetry::sum(&tx, rol(50), STAGE, hour(3).start()).await.unwrap();
    let stage = |hours, expected, reporting, usage, baseline, errors| StageHour {
        hour: hour(hours),
        expected,
        reporting,
        usage,
        baseline,
        errors,
    };
    let expected = vec![stage(0, 2, 1, 100, 0, 5), stage(1, 2, 1, 100, 0, 1), stage(2, 3, 2, 110, 600, 1)];
    assert_eq!(sums, StageTelemetry { hours: expected });
    let at = hour(3).start();
    assert!(!telemetry::is_summed(&tx, rol(50), STAGE, at).await.unwrap());
    telemetry::put(&tx, rol(50), STAGE, &sums, at).await.unwrap();
    assert!(telemetry::is_summed(&tx, rol(50), STAGE, at).await.unwrap());
    assert!(!telemetry::is_summed(&tx, rol(50), STAGE, hour(4).start()).await.unwrap(), "an hour has ended");
    telemetry::join(&tx, &Hours::from([((env(1), hour(2)), sample(3600, 5, 0))]), at).await.unwrap();
    assert!(!telemetry::is_summed(&tx, rol(50), STAGE, at).await.unwrap(), "something new was heard");
    assert_eq!(telemetry::of_rollout(&tx, rol(50)).await.unwrap().get(&STAGE), Some(&sums));
}

async fn old_hours_are_forgotten(db: &Db) {
    fleet(db, 50, 2).await;
    let tx = db.begin().await.unwrap();
    for hours in 0..4 {
        say(&tx, 1, first().plus(hours), sample(3600, 100, 1)).await;
        say(&tx, 2, first().plus(hours), sample(3600, 100, 1)).await;
    }
    let before = first().plus(3);
    assert_eq!(telemetry::prune(&tx, before, 4).await.unwrap(), 4, "no more at once than was said");
    assert_eq!(telemetry::prune(&tx, before, 4).await.unwrap(), 2);
    assert_eq!(telemetry::prune(&tx, before, 4).await.unwrap(), 0);
    for (hours, is_left) in [(0, false), (2, false), (3, true)] {
        let hour = telemetry::hour(&tx, env(2), first().plus(hours)).await.unwrap();
        assert_eq!(hour.is_some(), is_left, "{hours}");
    }
}

async fn whom_a_rollout_counts_is_aboard_once(db: &Db) {
    let tx = updated(db).await;
    let aboard = telemetry::aboard(&tx, &[rol(50), rol(50)]).await.unwrap();
    assert_eq!(aboard.iter().map(|listened| listened.environment).collect::<Vec<_>>(), [1, 2, 3, 4].map(env));
    assert_eq!(telemetry::aboard(&tx, &[rol(51)]).await.unwrap(), []);
}
