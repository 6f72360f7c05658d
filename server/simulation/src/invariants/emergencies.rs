//! I18, E1: an emergency path is in force only where two people out of the list, neither of them who asked, approved exactly
//! what is asked; for as long as it says and no longer; it shortens gates and drops none; each gate that it shortens is owed,
//! and so is a review. What it shortens is judged where it is used: `stages`, `watched`, `nights`, `starts`, `halts`.

use super::Found;
use crate::watch::{Seen, Step};
use chrono::{DateTime, TimeDelta, Utc};
use domain::approval::Approved;
use domain::emergency::{EmergencyPath, EmergencyPolicy, EmergencyState, Gate, Shortening, Use};
use domain::freeze::FreezeState;
use domain::ids::UserId;
use std::collections::BTreeSet;

/// The longest that a path may be in force.
const HOURS_MAX: u16 = 168;
/// Servers of a quiet run tick every few hours.
const LATE: TimeDelta = TimeDelta::hours(16);

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    for (id, after) in &seen.ways.emergencies {
        let before = step.ways_before.emergencies.get(id);
        if before == Some(after) {
            continue;
        }
        let why = [edge(before, after), kept(before, after), approvals(step, before, after), end(step, after)];
        let activated = before.is_none_or(|before| before.state.used().is_none());
        let used = after.state.used().filter(|_| activated);
        let unfounded = used.and_then(|used| unfounded(step, after, used));
        let wrong = |why: String| Found::new("I18", format!("emergency path {id} of {}: {why}", after.request.rollout));
        found.extend(why.into_iter().flatten().chain(unfounded).map(wrong));
    }
    for (id, path) in &seen.ways.emergencies {
        let others = seen.ways.emergencies.values().filter(|other| other.request.rollout == path.request.rollout);
        if is_open(path) && others.filter(|other| other.id != *id && is_open(other)).count() > 0 {
            found.push(Found::new("I18", format!("{} has two open emergency paths", path.request.rollout)));
        }
    }
}

const fn is_open(path: &EmergencyPath) -> bool {
    matches!(
        path.state,
        EmergencyState::Requested { .. } | EmergencyState::Approved { .. } | EmergencyState::Active { .. }
    )
}

/// Two approvals may come to one after the other, and the second puts it into force.
fn edge(before: Option<&EmergencyPath>, after: &EmergencyPath) -> Option<String> {
    let (was, is) = (before.map_or("nothing", |before| before.state.key()), after.state.key());
    let right = match is {
        "requested" => matches!(was, "nothing" | "requested" | "approved"),
        "approved" => was == "requested",
        "active" => matches!(was, "requested" | "approved" | "active"),
        "expired" => matches!(was, "active" | "expired"),
        "ended" => matches!(was, "active" | "ended"),
        "reviewed" => matches!(was, "expired" | "ended"),
        "withdrawn" => matches!(was, "requested" | "approved"),
        _ => false,
    };
    (!right).then(|| format!("it went from {was} to {is}"))
}

/// Once in force, nothing of it changes but what is owed: above all not its end.
fn kept(before: Option<&EmergencyPath>, after: &EmergencyPath) -> Option<String> {
    let before = before?;
    let was = before.state.used()?;
    let Some(is) = after.state.used() else { return Some("that it was in force is forgotten".to_owned()) };
    let same =
        (was.since, was.until, &was.approvals, &before.request) == (is.since, is.until, &is.approvals, &after.request);
    if !same {
        return Some(format!("what was approved changed: until {}, now until {}", was.until, is.until));
    }
    let lost =
        was.debts.iter().zip(&is.debts).any(|(was, is)| was.gate != is.gate || !is.results.starts_with(&was.results));
    (lost || was.debts.len() != is.debts.len()).then(|| "a debt is forgotten".to_owned())
}

fn given(path: &EmergencyPath) -> &[Approved] {
    match &path.state {
        EmergencyState::Requested { approvals } | EmergencyState::Approved { approvals } => approvals,
        state => state.used().map_or(&[], |used| &used.approvals),
    }
}

/// I11: each new one by somebody out of the list, who did not ask and did not approve the same before.
fn approvals(step: &Step, before: Option<&EmergencyPath>, after: &EmergencyPath) -> Option<String> {
    let known = before.map_or(&[][..], given);
    let mut new = given(after).iter().filter(|approval| !known.contains(approval));
    let listed = step.ways_before.policy.as_ref().map_or(&[][..], |policy| &policy.approvers);
    new.find_map(|approval| {
        let Approved { by, digest, .. } = approval;
        let twice = known.iter().any(|other| other.by.id == by.id && other.digest == *digest);
        if by.id == after.request.why.by.id {
            Some(format!("{} approved what they asked for", by.name))
        } else if !listed.contains(&by.id) {
            Some(format!("{} is not on the list", by.name))
        } else {
            twice.then(|| format!("{} approved it twice", by.name))
        }
    })
}

/// What it takes to come into force.
fn unfounded(step: &Step, path: &EmergencyPath, used: &Use) -> Option<String> {
    let request = &path.request;
    let policy = step.ways_before.policy.as_ref()?;
    let digest = store::digest::of(request).ok()?;
    let counts = |approval: &&Approved| {
        let who = approval.by.id;
        approval.digest == digest && who != request.why.by.id && policy.approvers.contains(&who)
    };
    let approvers: BTreeSet<UserId> = used.approvals.iter().filter(counts).map(|approval| approval.by.id).collect();
    if approvers.len() < 2 {
        return Some(format!("{} people approved what is in force", approvers.len()));
    }
    let hours = request.lasts_hours;
    if hours == 0 || hours > HOURS_MAX || used.until - used.since != TimeDelta::hours(hours.into()) {
        return Some(format!("it was asked for {hours} hours and lasts from {} to {}", used.since, used.until));
    }
    let owed: BTreeSet<Gate> = used.debts.iter().map(|debt| debt.gate).collect();
    if owed != shortened(&request.shortening) {
        return Some(format!("it shortens {:?} and owes {owed:?}", request.shortening));
    }
    let stands = |id| step.freezes_before.iter().any(|freeze| freeze.id == id && freeze.state == FreezeState::Set);
    if request.overrides.iter().any(|id| !stands(*id)) {
        return Some("it overrides a freeze that does not stand".to_owned());
    }
    dropped(&request.shortening, policy)
}

fn shortened(wish: &Shortening) -> BTreeSet<Gate> {
    let bake = wish.bake_hours.map(|_| Gate::Bake);
    let health = wish.covered_hours.map(|_| Gate::Health).or(wish.samples.map(|_| Gate::Health));
    bake.into_iter().chain(health).chain(wish.reduced.iter().copied()).collect()
}

/// Shortened to nothing, or below what the policy allows.
fn dropped(wish: &Shortening, policy: &EmergencyPolicy) -> Option<String> {
    let hours = [
        ("the bake", wish.bake_hours, policy.bake_hours_min),
        ("covered time", wish.covered_hours, policy.covered_hours_min),
        ("the notice", wish.notice_hours, policy.notice_hours_min),
        ("the gap", wish.gap_days, policy.gap_days_min),
    ];
    let short = hours.into_iter().find(|(_, hours, least)| hours.is_some_and(|hours| hours < (*least).max(1)));
    let few = wish.samples.is_some_and(|samples| samples < policy.samples_min.max(1));
    short
        .map(|(what, hours, _)| format!("{what} is shortened to {hours:?}"))
        .or(few.then(|| "few samples do".to_owned()))
}

/// It expires when its time is up, and is reviewed when every shortened gate has a result.
fn end(step: &Step, path: &EmergencyPath) -> Option<String> {
    match &path.state {
        EmergencyState::Expired { used } => {
            let of = path.request.rollout.to_string();
            let expired =
                |deed: &&store::audit::AuditEvent| deed.action == "rollout.emergency_expired" && deed.object.id == of;
            let early = step.deeds.iter().find(expired).is_some_and(|deed| deed.at < used.until);
            early.then(|| format!("it expired before {}", used.until))
        }
        EmergencyState::Reviewed { used, review, .. } => {
            let open = used.debts.iter().any(|debt| debt.results.is_empty());
            let says = |text: &str| !text.trim().is_empty();
            let empty = !says(&review.text) && !review.link.as_deref().is_some_and(says);
            (open || empty).then(|| "its review closed it with something open".to_owned())
        }
        _ => None,
    }
}

/// What the clock ended is written down by the next ticks.
pub fn overdue(seen: &Seen, now: DateTime<Utc>) -> Vec<Found> {
    let over = seen
        .ways
        .emergencies
        .values()
        .filter(|path| matches!(&path.state, EmergencyState::Active { used } if used.until + LATE < now));
    over.map(|path| Found::new("I18", format!("emergency path {} outlives its time at {now}", path.id))).collect()
}
