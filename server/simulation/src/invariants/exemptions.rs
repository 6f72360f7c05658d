//! S2: an environment is exempt by what a person granted it, or was born with, and by nothing else; only of regulated
//! customers. I11: who asked does not grant, and what is granted is what was read. Its owner is reminded before it ends, once
//! for each reminder. That nothing starts while it stands, and that nobody is forgotten when it has ended, is judged where
//! it is used: `starts`, `touches`, `standing`.

use super::Found;
use crate::watch::{Seen, Step};
use chrono::{DateTime, TimeDelta, Utc};
use domain::fleet::exemption::{ExemptionRecord, ExemptionState};
use domain::ids::EnvironmentId;
use std::collections::BTreeSet;
use store::exemption::Known;

/// Days before the end.
const REMINDERS: [u16; 2] = [30, 7];
/// Servers of a quiet run tick every few hours.
const LATE: TimeDelta = TimeDelta::hours(16);

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    let mut decided = BTreeSet::new();
    for (id, after) in &seen.ways.exemptions {
        let before = step.ways_before.exemptions.get(id);
        if before == Some(after) {
            continue;
        }
        let wrong = |rule, why: String| Found::new(rule, format!("exemption {id} of {}: {why}", after.environment));
        found.extend(edge(before, after).map(|why| wrong("S2", why)));
        found.extend(ungranted(seen, before, after).map(|why| wrong("I11", why)));
        found.extend(reminded(step, before, after).map(|why| wrong("I10", why)));
        if before.is_none_or(|before| word(&before.record.state) != word(&after.record.state)) {
            decided.insert(after.environment);
        }
    }
    found.extend(decided.into_iter().filter_map(|environment| unlike(seen, step, environment)));
}

const fn word(state: &ExemptionState) -> &'static str {
    match state {
        ExemptionState::Requested => "requested",
        ExemptionState::Refused { .. } => "refused",
        ExemptionState::Granted { .. } => "granted",
        ExemptionState::Withdrawn { .. } => "withdrawn",
    }
}

fn edge(before: Option<&Known>, after: &Known) -> Option<String> {
    let (was, is) = (before.map_or("nothing", |before| word(&before.record.state)), word(&after.record.state));
    let right = match is {
        "requested" => was == "nothing",
        "refused" => was == "requested",
        "granted" => matches!(was, "requested" | "granted"),
        "withdrawn" => was == "granted",
        _ => false,
    };
    if !right {
        return Some(format!("it went from {was} to {is}"));
    }
    let same = before.is_none_or(|before| before.record.request == after.record.request);
    (!same).then(|| "what was asked for changed".to_owned())
}

fn ungranted(seen: &Seen, before: Option<&Known>, after: &Known) -> Option<String> {
    let ExemptionState::Granted { approval, .. } = &after.record.state else { return None };
    let request = &after.record.request;
    if approval.by.id == request.why.by.id {
        return Some(format!("{} granted what they asked for", approval.by.name));
    }
    if store::digest::of(request).ok().as_ref() != Some(&approval.digest) {
        return Some("something else was granted".to_owned());
    }
    if !seen.ways.regulated.contains(&after.customer) {
        return Some("its customer is not regulated".to_owned());
    }
    let is_new = before.is_none_or(|before| before.record.state == ExemptionState::Requested);
    (is_new && request.expires_at <= approval.at).then(|| "it was over when it was granted".to_owned())
}

/// Each reminder once, in its time.
fn reminded(step: &Step, before: Option<&Known>, after: &Known) -> Option<String> {
    let of = |known: &Known| match &known.record.state {
        ExemptionState::Granted { reminded_days, .. } => *reminded_days,
        _ => None,
    };
    let (was, is) = (before.and_then(of), of(after)?);
    if was == Some(is) {
        return None;
    }
    let deed = step
        .deeds
        .iter()
        .find(|deed| deed.action == "exemption.reminded" && deed.object.id == after.record.id.to_string());
    let owed = owed(&after.record).into_iter().find(|(days, _)| *days == is);
    let in_time =
        |due: DateTime<Utc>| deed.is_none_or(|deed| due <= deed.at && deed.at < after.record.request.expires_at);
    let right = was.is_none_or(|was| is < was) && owed.is_some_and(|(_, due)| in_time(due));
    (!right).then(|| format!("its owner was reminded {is} days ahead, after {was:?}"))
}

/// A month and a week ahead as far as it lasts so long; else a day ahead, or at half of what lasts less than two days.
fn owed(record: &ExemptionRecord) -> Vec<(u16, DateTime<Utc>)> {
    let ExemptionState::Granted { approval, .. } = &record.state else { return Vec::new() };
    let (from, ends) = (approval.at, record.request.expires_at);
    let at = |days: u16| ends - TimeDelta::days(days.into());
    let usual: Vec<_> = REMINDERS.map(|days| (days, at(days))).into_iter().filter(|(_, due)| from <= *due).collect();
    match usual.is_empty() {
        false => usual,
        true if from + TimeDelta::days(2) <= ends => vec![(1, at(1))],
        true => vec![(0, from + (ends - from) / 2)],
    }
}

/// What stands with the environment is what holds longest of what was granted; what it was born with stays as long as
/// nothing granted takes its place.
fn unlike(seen: &Seen, step: &Step, environment: EnvironmentId) -> Option<Found> {
    let at = step.deeds.iter().rev().find(|deed| deed.object.kind == "exemption")?.at;
    let stands = seen.fleet.get(&environment)?.exemption.as_ref().map(|exemption| exemption.expires_at);
    let of = seen.ways.exemptions.values().filter(|known| known.environment == environment);
    let granted = of.clone().filter(|known| matches!(known.record.state, ExemptionState::Granted { .. }));
    let longest = granted.map(|known| known.record.request.expires_at).filter(|ends| at < *ends).max();
    let recorded = stands.is_some_and(|stands| of.clone().any(|known| known.record.request.expires_at == stands));
    let right = match (longest, stands) {
        (Some(longest), Some(stands)) => stands == longest || stands > longest && !recorded,
        (Some(_), None) => false,
        (None, Some(stands)) => !recorded || stands <= at,
        (None, None) => true,
    };
    let what = || format!("{environment} is exempt until {stands:?}, granted is {longest:?}");
    (!right).then(|| Found::new("S2", what()))
}

/// I15: whoever is to be reminded is.
pub fn overdue(seen: &Seen, now: DateTime<Utc>) -> Vec<Found> {
    let mut found = Vec::new();
    for known in seen.ways.exemptions.values() {
        let ExemptionState::Granted { reminded_days, .. } = &known.record.state else { continue };
        let ends = known.record.request.expires_at;
        let owed = owed(&known.record).into_iter().filter(|(_, due)| *due + LATE < now && now < ends);
        if let Some(days) =
            owed.map(|(days, _)| days).min().filter(|days| reminded_days.is_none_or(|sent| sent > *days))
        {
            let what = format!("the owner of {} was not reminded {days} days ahead of {ends}", known.environment);
            found.push(Found::new("I15", what));
        }
    }
    found
}
