//! Does an environment take part, and in which stage? G5, G6, S1, S2, S4, S5, participation of C1.

use super::share;
use crate::calendar::StageWindow;
use crate::fleet::{Audience, EnvironmentKind, Exemption, StageKey, station_of};
use crate::ids::EnvironmentId;
use crate::rollout::facts::{EnvironmentFacts, RolloutFacts, RolloutKind};
use crate::rollout::report::EnvironmentReason;
use crate::rollout::state::UpdateState;
use crate::wire::signal::UpdateStateWord;
use chrono::{DateTime, Days, NaiveDate, Utc};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Takes part in this stage.
    Aboard(StageKey),
    Satisfied,
    /// By the first of these rules, and by the others.
    Skipped(EnvironmentReason, Vec<EnvironmentReason>),
    Held(EnvironmentReason),
}

impl Standing {
    pub const fn word(&self) -> UpdateStateWord {
        match self {
            Self::Aboard(_) => UpdateStateWord::Planned,
            Self::Satisfied => UpdateStateWord::AlreadySatisfied,
            Self::Skipped(..) => UpdateStateWord::Skipped,
            Self::Held(_) => UpdateStateWord::Held,
        }
    }
}

/// The production that this sandbox moves with in this rollout (rule G5), if it does: the one that was bound with its
/// stage, whatever is designated since; before that by the designation.
pub fn follows(facts: &RolloutFacts, environment: &EnvironmentFacts) -> Option<EnvironmentId> {
    if let Some(bound) = environment.update.as_ref().filter(|update| update.stage.is_some()) {
        return bound.follows;
    }
    let following = environment.following?;
    (facts.train.service_update == following.service_update).then_some(following.production)
}

/// Judges one environment. `production` is the environment it follows, where it follows one that is aboard the train.
pub fn judge(
    facts: &RolloutFacts,
    environment: &EnvironmentFacts,
    production: Option<&EnvironmentFacts>,
    now: DateTime<Utc>,
) -> Standing {
    // G6: never a lower build; an equal or later one is already satisfied, which is not skipped, also where the attempts
    // failed and somebody brought it by hand. Builds are compared within one service update only.
    let aboard = environment.service_update == facts.train.service_update;
    if aboard && facts.kind.is_satisfied(environment.build, facts.build) {
        return Standing::Satisfied;
    }
    // What was tried as often as it may be stays held, so that its failure stays evidence of the gate.
    if let Some(reason) = attempts_used(facts, environment) {
        return Standing::Held(reason);
    }
    // G6: never another service update.
    if !aboard {
        return Standing::Skipped(EnvironmentReason::OtherServiceUpdate { on: environment.service_update }, Vec::new());
    }
    let stage = stage(facts, environment, production);
    // What keeps it out of the push does not keep out what its owner asked for (`pull_ahead`).
    let pulled = environment.update.as_ref().is_some_and(|update| update.pulled().is_some());
    let mut reasons = skipped(facts, environment, (stage, production), now).into_iter();
    if let Some(reason) = reasons.next().filter(|_| !pulled) {
        return Standing::Skipped(reason, reasons.collect());
    }
    // S5: unknown is never guessed, and what never can begin is not promised (G4).
    let region = || environment.placement.region_name.clone();
    let Some(dark) = environment.placement.dark_hours else {
        return Standing::Held(EnvironmentReason::NoDarkHours { region: region() });
    };
    let minutes = facts.policy.declared_minutes;
    if dark.length_minutes() < minutes {
        return Standing::Held(EnvironmentReason::NightTooShort { region: region(), minutes });
    }
    if let Some(production) = production
        && let Some(reason) = production_missing(facts, production, now)
    {
        return Standing::Held(reason);
    }
    stage.map_or_else(|| Standing::Held(EnvironmentReason::NoStation { region: region() }), Standing::Aboard)
}

/// The stage it counts in, whether or not it takes part: the one bound at enrolment, else its production's, else its
/// own. `None` where its region has no station on this train.
pub fn stage(
    facts: &RolloutFacts,
    environment: &EnvironmentFacts,
    production: Option<&EnvironmentFacts>,
) -> Option<StageKey> {
    let bound = environment.update.as_ref().and_then(|update| update.stage);
    let stage = bound.or_else(|| match environment.following {
        // Its production runs a newer service update and is not aboard: its stage is kept, there is nobody to wait for.
        Some(following) if production.is_none() && facts.train.service_update < following.service_update => {
            following.station.map(|station| StageKey { station, audience: Audience::Production })
        }
        _ => stage_of(production.unwrap_or(environment)),
    });
    stage.filter(|stage| facts.stages.iter().any(|known| known.key == *stage))
}

/// Who resumes has seen to what failed until then: it is tried once more.
fn attempts_used(facts: &RolloutFacts, environment: &EnvironmentFacts) -> Option<EnvironmentReason> {
    let update = environment.update.as_ref()?;
    let is_final = update.attempts >= facts.policy.attempts_max || matches!(update.state, UpdateState::Held { .. });
    let is_seen_to = update.failed_at.is_some_and(|at| facts.is_acknowledged(at));
    update.attempts_used().filter(|_| is_final && !is_seen_to)
}

/// Rules S2 and S4: what keeps an environment out of a push, whatever the rollout. Asked again when its update begins.
pub fn kept_out(
    kind: EnvironmentKind,
    exemption: Option<&Exemption>,
    priority_batch: bool,
    now: DateTime<Utc>,
) -> impl Iterator<Item = EnvironmentReason> {
    let exempt = exemption
        .filter(|exemption| exemption.holds_at(now))
        .map(|exemption| EnvironmentReason::Exempt { why: exemption.reason.clone(), expires_at: exemption.expires_at });
    let is_off = kind == EnvironmentKind::Production && !priority_batch;
    exempt.into_iter().chain(is_off.then_some(EnvironmentReason::PriorityBatchOff))
}

/// Every rule that keeps it out.
fn skipped(
    facts: &RolloutFacts,
    environment: &EnvironmentFacts,
    (stage, followed): (Option<StageKey>, Option<&EnvironmentFacts>),
    now: DateTime<Utc>,
) -> Vec<EnvironmentReason> {
    // Whom a recovery names goes back: left behind, it would run the build that was halted.
    if facts.kind != RolloutKind::Forward {
        return Vec::new();
    }
    let EnvironmentFacts { kind, exemption, priority_batch, .. } = environment;
    let mut reasons: Vec<EnvironmentReason> = kept_out(*kind, exemption.as_ref(), *priority_batch, now).collect();
    let of_audience = || facts.policy.percent_of(Audience::of(environment.kind));
    let percent = stage.map_or_else(of_audience, |stage| facts.policy.percent(stage));
    // Whoever moves with production is in with it, and out with it.
    let place = share::place(facts.rollout, followed.unwrap_or(environment).id);
    reasons.extend((!share::within(place, percent)).then_some(EnvironmentReason::NotInShare { percent }));
    reasons.extend(comes_anyway(facts, environment, stage, now));
    reasons
}

/// Rule S1: the next service update comes within a week of the stage's window, or before it, and brings the same fixes.
const SERVICE_UPDATE_NEAR: Days = Days::new(7);

/// From when time alone makes it so, its stage's window being over.
pub fn due_anyway_from(environment: &EnvironmentFacts) -> Option<DateTime<Utc>> {
    let near = environment.service_update_due?.checked_sub_days(SERVICE_UPDATE_NEAR)?;
    near.and_hms_opt(0, 0, 0).map(|midnight| midnight.and_utc())
}

fn comes_anyway(
    facts: &RolloutFacts,
    environment: &EnvironmentFacts,
    stage: Option<StageKey>,
    now: DateTime<Utc>,
) -> Option<EnvironmentReason> {
    let window = facts.stages.iter().find(|known| Some(known.key) == stage)?.window;
    due_anyway(environment.service_update_due, window, now)
}

/// Rule S1, of an environment whose stage has this window. Asked again when its update begins.
pub fn due_anyway(due: Option<NaiveDate>, window: StageWindow, now: DateTime<Utc>) -> Option<EnvironmentReason> {
    let on = due.filter(|on| *on >= now.date_naive())?;
    let last = window.last.max(now.date_naive()).checked_add_days(SERVICE_UPDATE_NEAR)?;
    (on <= last).then_some(EnvironmentReason::ServiceUpdateDue { on })
}

/// A sandbox that moves with production cannot move where production does not.
fn production_missing(
    facts: &RolloutFacts,
    production: &EnvironmentFacts,
    now: DateTime<Utc>,
) -> Option<EnvironmentReason> {
    let missing = |state| Some(EnvironmentReason::ProductionNotUpdated { production: production.id, state });
    match production.update.as_ref().map(|update| &update.state) {
        Some(state) if state.is_running() => return None,
        _ if has_the_build(facts, production) => return None,
        // It had the build and went back. One that only was there before its turn takes part again, and is waited for.
        Some(state @ UpdateState::Succeeded { .. }) => return missing(state.word()),
        _ => {}
    }
    match judge(facts, production, None, now) {
        Standing::Aboard(_) | Standing::Satisfied => None,
        standing @ (Standing::Skipped(..) | Standing::Held(_)) => missing(standing.word()),
    }
}

/// It was updated, or needed nothing, and has not gone back since: what runs there counts, not what was.
pub fn has_the_build(facts: &RolloutFacts, environment: &EnvironmentFacts) -> bool {
    let state = environment.update.as_ref().map(|update| &update.state);
    let had = matches!(state, Some(UpdateState::Succeeded { .. } | UpdateState::AlreadySatisfied { .. }));
    had && still_runs(facts, environment)
}

/// Builds are compared within one service update only.
pub fn still_runs(facts: &RolloutFacts, environment: &EnvironmentFacts) -> bool {
    environment.service_update != facts.train.service_update || facts.kind.is_satisfied(environment.build, facts.build)
}

/// The stage that an environment belongs to by itself.
fn stage_of(environment: &EnvironmentFacts) -> Option<StageKey> {
    let station = station_of(environment.kind, environment.designation, environment.placement.station)?;
    Some(StageKey { station, audience: Audience::of(environment.kind) })
}
