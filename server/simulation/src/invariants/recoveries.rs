//! Ways out of a halt. I11: approved by somebody else, exactly as proposed. I8: only to a build that is approved, not
//! withdrawn and not halted. I7: backwards only to an earlier build of the same service update, and in place only where
//! every schema change since is marked reversible or compatible. H1: none lifts the halt that it serves, and no build is
//! let go on by anything but a person's resume. Who is taken back, and when, is judged in `touches`, `starts` and `standing`.

use super::Found;
use crate::watch::{Seen, Step};
use domain::ids::{BuildId, RecoveryId};
use domain::recovery::{BuildRef, Move, Proposal, RecoveryPath, RecoveryState, Schema, Work};
use domain::release::BuildVersion;
use domain::rollout::{HaltCause, RolloutKind, RolloutState};
use store::build::Build;
use store::recovery::Known;

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    for (id, after) in &seen.ways.recoveries {
        let before = step.ways_before.recoveries.get(id);
        if before.is_some_and(|before| before.plan == after.plan) {
            continue;
        }
        let mut wrong = |rule, why: String| {
            let path = after.plan.proposal.path.key();
            found.push(Found::new(rule, format!("{path} of {} ({id}): {why}", after.rollout)));
        };
        if let Some(why) = edge(before, after) {
            wrong("H1", why);
        }
        if let Some(why) = unapproved(before, after) {
            wrong("I11", why);
        }
        let started = before.is_none_or(|before| !has_started(&before.plan.state)) && has_started(&after.plan.state);
        if started {
            if let Some(why) = lifts(seen, step, after) {
                wrong("H1", why);
            }
            for (rule, why) in unfounded(seen, &after.plan.proposal) {
                wrong(rule, why);
            }
        }
        let completed = matches!(after.plan.state, RecoveryState::Completed { .. });
        if completed
            && rollouts(seen, *id).any(|state| !matches!(state, RolloutState::Completed { .. }))
            && goes_back(after)
        {
            wrong("I15", "it is completed before its rollouts are".to_owned());
        }
    }
    lifted(seen, step, found);
}

const fn has_started(state: &RecoveryState) -> bool {
    matches!(state, RecoveryState::Running { .. } | RecoveryState::Completed { .. })
}

const fn goes_back(known: &Known) -> bool {
    matches!(known.plan.proposal.work, Work::MoveBack { .. })
}

fn rollouts(seen: &Seen, recovery: RecoveryId) -> impl Iterator<Item = &RolloutState> {
    let own = seen.rollouts.values().filter(move |whole| whole.rollout.descent.recovery == Some(recovery));
    own.map(|whole| &whole.rollout.state)
}

/// What needs no rollout of its own is done as soon as it is started.
fn edge(before: Option<&Known>, after: &Known) -> Option<String> {
    let (was, is) = (before.map_or("nothing", |before| before.plan.state.key()), after.plan.state.key());
    let right = match is {
        "proposed" => was == "nothing",
        "approved" => was == "proposed",
        "running" => was == "approved",
        "completed" => matches!(was, "approved" | "running"),
        "abandoned" => matches!(was, "proposed" | "approved" | "running"),
        _ => false,
    };
    if !right {
        return Some(format!("it went from {was} to {is}"));
    }
    let same = before.is_none_or(|before| before.plan.proposal == after.plan.proposal);
    (!same).then(|| "what was proposed changed".to_owned())
}

fn unapproved(before: Option<&Known>, after: &Known) -> Option<String> {
    let (RecoveryState::Approved { approval }
    | RecoveryState::Running { approval, .. }
    | RecoveryState::Completed { approval, .. }) = &after.plan.state
    else {
        return None;
    };
    let proposal = &after.plan.proposal;
    if approval.by.id == proposal.by.by.id {
        return Some(format!("{} approved what they proposed", approval.by.name));
    }
    let digest = store::digest::of(proposal).ok()?;
    if approval.digest != digest {
        return Some("something else was approved".to_owned());
    }
    let kept = match before.map(|before| &before.plan.state) {
        Some(RecoveryState::Approved { approval: was } | RecoveryState::Running { approval: was, .. }) => {
            was == approval
        }
        _ => true,
    };
    (!kept).then(|| "its approval changed".to_owned())
}

/// H1: it serves a halt that stands, before it and after it.
fn lifts(seen: &Seen, step: &Step, known: &Known) -> Option<String> {
    let was = step.rollouts_before.get(&known.rollout).map(|whole| &whole.rollout.state);
    let is = seen.rollouts.get(&known.rollout).map(|whole| &whole.rollout.state);
    let halted = |state: Option<&RolloutState>| state.is_some_and(|state| matches!(state, RolloutState::Halted { .. }));
    (!halted(was) || !halted(is)).then(|| format!("it was started, and the halt does not stand: {was:?}, {is:?}"))
}

fn unfounded(seen: &Seen, proposal: &Proposal) -> Vec<(&'static str, String)> {
    match &proposal.work {
        Work::TurnFlightsOff { .. } => Vec::new(),
        Work::NewRollout { to } => {
            let newer = to.version > proposal.bad.version && to.service_update == proposal.bad.service_update;
            let back = (!newer).then(|| ("I7", format!("{} is no newer build", to.version)));
            back.into_iter().chain(closed(seen, *to)).collect()
        }
        Work::MoveBack { moves } => moves.iter().flat_map(|one| backward(seen, proposal, one)).collect(),
    }
}

fn backward(seen: &Seen, proposal: &Proposal, one: &Move) -> Vec<(&'static str, String)> {
    let (to, bad) = (one.to, proposal.bad);
    let mut why: Vec<(&'static str, String)> = closed(seen, to).into_iter().collect();
    if to.service_update != bad.service_update || to.version >= bad.version {
        why.push(("I7", format!("{} is no earlier build of {}", to.version, bad.service_update)));
    }
    let restored = proposal.path == RecoveryPath::RedeployLastKnownGood && one.restored_from.is_some();
    if !restored && let Some(build) = against(seen, to, bad) {
        why.push(("I7", format!("the schema of {build} stands against {}", to.version)));
    }
    why
}

/// I8.
fn closed(seen: &Seen, to: BuildRef) -> Option<(&'static str, String)> {
    let build = seen.builds.get(&to.id).filter(|build| build.version == to.version)?;
    let approved = build.approval.as_ref().is_some_and(|approval| approval.artifact == build.artifact);
    let offered = approved && build.withdrawn.is_none() && build.halted.is_none();
    (!offered).then(|| ("I8", format!("{} is halted, withdrawn or not approved", to.version)))
}

/// A build after `to`, up to the bad one, of which something cannot be undone, or nobody knows.
fn against(seen: &Seen, to: BuildRef, bad: BuildRef) -> Option<BuildVersion> {
    let since = |build: &&Build| {
        build.service_update == bad.service_update && to.version < build.version && build.version <= bad.version
    };
    let lets_back = |build: &Build| {
        let marks = build.schema.as_ref();
        marks.is_some_and(|marks| {
            marks.iter().all(|change| matches!(change.marked, Schema::Reversible | Schema::Compatible))
        })
    };
    seen.builds.values().filter(since).find(|build| !lets_back(build)).map(|build| build.version)
}

/// H1: a build goes on where a person resumed a rollout that was halted with it, and nowhere else.
fn lifted(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    let resumed = |build: BuildId| {
        step.rollouts_before.values().any(|whole| {
            let id = whole.rollout.id.to_string();
            let deed = step.deeds.iter().any(|deed| deed.action == "rollout.resumed" && deed.object.id == id);
            let with_it = whole.rollout.descent.kind == RolloutKind::Forward
                || matches!(whole.rollout.state, RolloutState::Halted { cause: HaltCause::Build { .. }, .. });
            whole.rollout.build == build && deed && with_it
        })
    };
    for build in step.halted_before.keys().filter(|build| !seen.halted.contains_key(build)) {
        if !resumed(*build) && !step.deeds.iter().any(|deed| deed.action == "build.halt_lifted") {
            found.push(Found::new("H1", format!("nobody lifted the halt of build {build}")));
        }
    }
}

/// A recovery whose rollouts are over is over.
pub fn overdue(seen: &Seen) -> Vec<Found> {
    let running =
        seen.ways.recoveries.values().filter(|known| matches!(known.plan.state, RecoveryState::Running { .. }));
    let over = running
        .filter(|known| rollouts(seen, known.plan.id).all(|state| matches!(state, RolloutState::Completed { .. })));
    over.map(|known| Found::new("I15", format!("recovery {} is still under way", known.plan.id))).collect()
}
