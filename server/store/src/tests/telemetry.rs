//! Hours that are joined, and the sums of a stage.

use super::fixtures::{an_update, env, fleet, night, now, rol, update_id};
use super::harness::on_both;
use crate::telemetry::{self, Hours};
use crate::update::{Expect, NewUpdate};
use crate::{Db, Tx, update};
use chrono::{DateTime, TimeDelta, Utc};
use domain::fleet::{Audience, StageKey, StationNumber};
use domain::health::{Hour, HourSample, StageHour, StageTelemetry};
use domain::rollout::UpdateState;
use std::collections::BTreeSet;

on_both! {
    hours_are_joined_as_the_rule_joins_them a_stage_sums_the_hours_of_what_was_updated old_hours_are_forgotten
    whom_a_rollout_counts_is_aboard_once what_was_committed_after_a_sum_is_looked_at_within_a_minute
    of_a_stage_that_passed_the_last_days_are_summed_anew
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
    assert!(telemetry::summed(&tx, rol(50)).await.unwrap().is_empty());
    let is_summed = async |at| is_summed_after(&tx, TimeDelta::zero(), at).await;
    telemetry::put(&tx, rol(50), STAGE, &sums, at).await.unwrap();
    assert!(is_summed(at).await);
    assert!(!is_summed(hour(4).start()).await, "an hour has ended");
    telemetry::join(&tx, &Hours::from([((env(1), hour(2)), sample(3600, 5, 0))]), at).await.unwrap();
    assert!(!is_summed(at).await, "something new was heard");
    assert!(is_summed_after(&tx, TimeDelta::minutes(10), at + TimeDelta::minutes(9)).await, "not asked so soon");
    assert_eq!(telemetry::of_rollout(&tx, rol(50)).await.unwrap().get(&STAGE), Some(&sums));
}

async fn is_summed_after(tx: &Tx, rest: TimeDelta, now: DateTime<Utc>) -> bool {
    let at = telemetry::summed(tx, rol(50)).await.unwrap()[&STAGE];
    telemetry::is_summed(tx, at, rest, now).await.unwrap()
}

/// Dated by the server that took it, half a minute before a sum that did not see it.
async fn what_was_committed_after_a_sum_is_looked_at_within_a_minute(db: &Db) {
    let tx = updated(db).await;
    let at = first().plus(3).start();
    let is_summed = async |seconds| is_summed_after(&tx, TimeDelta::zero(), at + TimeDelta::seconds(seconds)).await;
    let put = async |seconds| {
        let at = at + TimeDelta::seconds(seconds);
        let sums = telemetry::sum(&tx, rol(50), STAGE, at).await.unwrap();
        telemetry::put(&tx, rol(50), STAGE, &sums, at).await.unwrap();
    };
    put(60).await;
    let late = Hours::from([((env(1), first().plus(2)), sample(3600, 5, 0))]);
    telemetry::join(&tx, &late, at + TimeDelta::seconds(30)).await.unwrap();
    assert!(is_summed(61).await, "not with every look");
    assert!(!is_summed(120).await);
    put(120).await;
    assert!(is_summed(180).await && is_summed(3_000).await, "once");
}

/// Four days on: the first hours stay as they were summed up, the last two days are made anew.
async fn of_a_stage_that_passed_the_last_days_are_summed_anew(db: &Db) {
    let tx = updated(db).await;
    let hour = |hours| first().plus(hours);
    for hours in 0..96 {
        say(&tx, 1, hour(hours), sample(3600, 100, 1)).await;
    }
    let known = telemetry::sum(&tx, rol(50), STAGE, hour(90).start()).await.unwrap();
    // Late: of the first day, which stays, and of the last.
    for hours in [10, 80] {
        say(&tx, 2, hour(hours), sample(3600, 7, 7)).await;
    }
    let again = telemetry::sum_again(&tx, rol(50), STAGE, &known, hour(96).start()).await.unwrap();
    assert_eq!(again.hours.iter().map(|one| one.hour).collect::<Vec<_>>(), (0..96).map(hour).collect::<Vec<_>>());
    let errors = |hours: usize| again.hours[hours].errors;
    assert_eq!((errors(10), errors(80), errors(95)), (1, 8, 1));
    let nothing =
        telemetry::sum_again(&tx, rol(50), STAGE, &StageTelemetry::default(), hour(96).start()).await.unwrap();
    assert_eq!(nothing.hours[10].errors, 8, "what was never summed up is summed up as a whole");
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
