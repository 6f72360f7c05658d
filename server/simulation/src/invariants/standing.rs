//! Who takes part: enrolled where it belongs, left out only for what is the case, and nobody forgotten (G5, G6, S1–S5,
//! C1). Planned is who takes part.

use super::Found;
use super::rules::{Case, is_delivered};
use crate::watch::{Change, Choice, Seen, Step, Word};
use chrono::{DateTime, TimeDelta, Utc};
use domain::fleet::Designation;
use domain::rollout::halt::HaltScope;
use domain::rollout::{EnvironmentReason, RolloutState, UpdateState};

/// Servers of a quiet run tick every few hours; what is due for so long was due at several ticks.
const LATE: TimeDelta = TimeDelta::hours(16);

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    for change in &step.changes {
        let Some(case) = Case::of(seen, &change.after) else { continue };
        let word = step.words.iter().rfind(|word| word.update == change.after.id);
        if change.before.is_none() {
            place(case, change, found);
        }
        // What was before it was taken ahead stands again, whatever became true since: the next plan settles that.
        if let Some(word) = word.filter(|word| word.choice != Choice::PullEnded) {
            settled(case, change, step, word, found);
        }
        let (runs, version) = (case.environment.build, case.whole.rollout.version);
        if is_delivered(&change.after) && (runs < version || case.goes_back() && runs != version) {
            found.push(Found::new("I7", format!("{} is done and runs {runs}", case.name())));
        }
    }
}

/// G5, S5: where it was enrolled.
fn place(case: Case<'_>, change: &Change, found: &mut Vec<Found>) {
    let (follows, stage) = case.belongs();
    let update = &change.after;
    if update.stage != stage {
        let text = |stage: Option<domain::fleet::StageKey>| stage.map_or("nowhere".to_owned(), |key| key.to_string());
        let what = format!("{} was enrolled in {}, not in {}", case.name(), text(update.stage), text(stage));
        let rule = if stage.is_none() { "S5" } else { "G5" };
        found.push(Found::new(rule, what));
    }
    if case.is_production() && update.early != (case.environment.designation == Designation::Early) {
        found.push(Found::new("G2", format!("{} goes first: {}", case.name(), update.early)));
    }
    if update.follows != follows {
        found.push(Found::new("G5", format!("{} follows {:?}, not {follows:?}", case.name(), update.follows)));
    }
}

/// The last state of this step, by the clock of the server that wrote it.
fn settled(case: Case<'_>, change: &Change, step: &Step, word: &Word, found: &mut Vec<Found>) {
    let update = &change.after;
    let runs = case.environment.build;
    let why = match &update.state {
        UpdateState::Planned => {
            let kept_out = case.kept_out_of_plan(update, word, step);
            kept_out.map(|(rule, why)| (rule, format!("is aboard although {why}")))
        }
        UpdateState::AlreadySatisfied { .. } => {
            let right = case.has_it(case.environment);
            (!right).then(|| ("G6", format!("is taken for satisfied and runs {runs}")))
        }
        UpdateState::Skipped { reason, .. } | UpdateState::Held { reason, .. } => {
            let is_due = case.environment.service_update == case.whole.rollout.train.service_update;
            let changed = matches!(reason, EnvironmentReason::Exempt { .. }) && case.decided_just_now(step);
            if is_due && case.has_it(case.environment) && !case.delivered_since(update, word, step) {
                Some(("G6", format!("is {} and not satisfied, though it runs {runs}", word.after)))
            } else {
                let right = changed || case.is_true(update, reason, word.at);
                (!right).then(|| (rule_of(reason), format!("is {} for what is not so: {reason:?}", word.after)))
            }
        }
        _ => None,
    };
    found.extend(why.map(|(rule, why)| Found::new(rule, format!("{} {why}", case.name()))));
}

const fn rule_of(reason: &EnvironmentReason) -> &'static str {
    match reason {
        EnvironmentReason::OtherServiceUpdate { .. } => "G6",
        EnvironmentReason::Exempt { .. } => "S2",
        EnvironmentReason::PriorityBatchOff => "S4",
        EnvironmentReason::NotInShare { .. } => "C1",
        EnvironmentReason::ServiceUpdateDue { .. } => "S1",
        EnvironmentReason::NoStation { .. } | EnvironmentReason::NoDarkHours { .. } => "S5",
        EnvironmentReason::NightTooShort { .. } => "G4",
        EnvironmentReason::SandboxFailed { .. } => "S3",
        EnvironmentReason::AttemptsUsed { .. } => "I20",
        _ => "G5",
    }
}

/// I15, every third day where nothing goes wrong: everybody aboard is enrolled, and who may take part again does.
pub fn forgotten(seen: &Seen, now: DateTime<Utc>) -> Vec<Found> {
    let mut found = Vec::new();
    for whole in seen.rollouts.values() {
        let RolloutState::Running { started_at, resumed_at, .. } = whole.rollout.state else { continue };
        // Nothing is planned while everything is halted.
        let stands = seen.halts.values().any(|(halt, _)| halt.scope == HaltScope::Everything);
        let since = [Some(started_at), resumed_at, seen.stood_at].into_iter().max().flatten();
        if stands || since.is_none_or(|since| now < since + LATE) {
            continue;
        }
        let train = whole.rollout.train;
        let aboard = seen.fleet.values().filter(|environment| environment.service_update == train.service_update);
        for environment in aboard {
            let case = Case { seen, whole, environment };
            if !case.is_named(environment.id) {
                continue;
            }
            let Some(update) = case.updates().find(|update| update.environment == environment.id) else {
                found.push(Found::new("I15", format!("{} was never enrolled", case.name())));
                continue;
            };
            // An exemption of it may have been decided on since the last tick, or another rollout may have been there.
            let decided = seen.ways.decided.get(&environment.id).is_some_and(|at| now < *at + LATE)
                || now < environment.build_since + LATE;
            let kept_out =
                decided || case.kept_out(update, now).is_some() || case.kept_out(update, now - LATE).is_some();
            let over = match &update.state {
                UpdateState::Skipped { .. } => !kept_out,
                UpdateState::Held { reason, .. } => {
                    let others = matches!(
                        reason,
                        EnvironmentReason::AttemptsUsed { .. }
                            | EnvironmentReason::SandboxFailed { .. }
                            | EnvironmentReason::ProductionNotUpdated { .. }
                    );
                    !kept_out && !others
                }
                UpdateState::Planned => {
                    !decided && case.kept_out(update, now - LATE).is_some() && case.kept_out(update, now).is_some()
                }
                _ => false,
            };
            if over {
                let why =
                    case.kept_out(update, now).map(|(rule, why)| format!(", by {rule} {why}")).unwrap_or_default();
                let what = format!("{} is still {} at {now}{why}", case.name(), update.state.word().key());
                found.push(Found::new("I15", what));
            }
            found.extend(unannounced(case, update, now));
        }
    }
    found
}

/// A night is announced when it is near enough, unless what it waits for is not announced either.
fn unannounced(case: Case<'_>, update: &store::update::Update, now: DateTime<Utc>) -> Option<Found> {
    let rollout = &case.whole.rollout;
    let pace = case.seen.ways.pace(rollout.id, &rollout.policy, now);
    // Under an emergency path nights follow what is still to come, and are told a day before they have to be.
    let ahead = match pace.any_night_since {
        Some(_) => pace.notice + super::rules::days(1),
        None => super::rules::days(rollout.policy.ahead_days()),
    };
    let near = update.next.is_some_and(|next| next - ahead + LATE < now);
    let halted = !case.seen.halts.is_empty() || case.seen.withheld.contains_key(&rollout.build);
    let waits = matches!(update.state, UpdateState::Planned) && update.follows.is_none();
    (waits && near && !halted).then(|| {
        Found::new("I15", format!("{} expects the night of {:?} and was not told at {now}", case.name(), update.next))
    })
}
