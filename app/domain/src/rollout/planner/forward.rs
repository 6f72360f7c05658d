//! The windows of an emergency path that waits for no published one (rule E1, "promotion acceleration"): each stage in the
//! first dark hours after those that go before it, whatever the day. The order stays, and so do gates and approvals; who
//! is left out by its published window (rule S1) stays so.

use super::stages::{begins, goes_before};
use crate::calendar::StageWindow;
use crate::emergency::Pace;
use crate::fleet::StageKey;
use crate::rollout::facts::{RolloutFacts, StageFacts};
use crate::rollout::state::StageState;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use std::collections::HashMap;

/// From the first night of a date until the updates of a stage are through, hours: dark hours are six to twelve.
const NIGHT_HOURS: u16 = 12;

/// Of every stage, its own where that begins no later. `since`: when the path came into force. What goes before and is not
/// through yet is expected, and never in the past: where it takes longer, what follows it is put off. Nothing comes earlier
/// as time passes, so that nobody's night does.
pub fn windows(
    facts: &RolloutFacts,
    since: DateTime<Utc>,
    pace: Pace,
    now: DateTime<Utc>,
) -> HashMap<StageKey, StageWindow> {
    let through = TimeDelta::hours((NIGHT_HOURS + pace.bake_hours.max(pace.covered_hours)).into());
    let gap = TimeDelta::days(pace.gap_days.into());
    let told = since + TimeDelta::hours(pace.notice_hours.into());
    // In the order of the facts each stage comes after those that go before it.
    let mut begun: Vec<(&StageFacts, StageWindow)> = Vec::with_capacity(facts.stages.len());
    for stage in &facts.stages {
        let ready = begun.iter().filter(|(before, _)| goes_before(before, stage)).map(|(before, window)| {
            let expected = begins(before, window.first);
            let (begun, ready) = match before.state {
                StageState::Passed { opened_at, passed_at } => (opened_at, passed_at.max(opened_at + through)),
                StageState::Open { opened_at } => (opened_at, (opened_at + through).max(now)),
                StageState::Waiting => (expected, expected.max(now) + through),
            };
            if before.key.station == stage.key.station { ready.max(begun + gap) } else { ready }
        });
        let date = match stage.state {
            StageState::Waiting => first_date(stage, ready.fold(told, DateTime::max)),
            StageState::Open { opened_at } | StageState::Passed { opened_at, .. } => night_of(stage, opened_at),
        };
        // The night after it counts, too: some of the first are frozen or belong to another train.
        let soon = StageWindow { first: date, last: date + Days::new(1), ..stage.window };
        begun.push((stage, if date < stage.window.first { soon } else { stage.window }));
    }
    begun.into_iter().map(|(stage, window)| (stage.key, window)).collect()
}

/// The first one whose nights begin no earlier.
fn first_date(stage: &StageFacts, earliest: DateTime<Utc>) -> NaiveDate {
    let date = night_of(stage, earliest);
    if begins(stage, date) < earliest { date + Days::new(1) } else { date }
}

/// The last one whose nights have begun.
fn night_of(stage: &StageFacts, at: DateTime<Utc>) -> NaiveDate {
    // The first night of a date begins on the day before it at the earliest, and on itself at the latest.
    let after = at.date_naive() + Days::new(1);
    let begun = after.iter_days().rev().take(3).find(|date| begins(stage, *date) <= at);
    begun.unwrap_or(after - Days::new(2))
}
