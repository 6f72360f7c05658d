//! What happened to an environment: how each rollout ended for it, and builds that came another way.

use super::next::is_under_way;
use crate::words::Teller;
use chrono::{DateTime, Utc};
use domain::catalogue::Catalogue;
use domain::release::BuildVersion;
use domain::rollout::{EnvironmentReason, FailedAttempt, RolloutState, UpdateState};
use domain::wire::environment::HistoryRow;
use domain::wire::signal::{UpdateStateWord, When};
use store::environment::HistoryEntry;
use store::update::WithRollout;

/// Newest first.
pub(super) fn rows(
    updates: &[WithRollout],
    installed: &[HistoryEntry],
    catalogue: &Catalogue,
    zone: Option<&str>,
    teller: &Teller<'_>,
) -> Vec<HistoryRow> {
    let mut rows: Vec<(DateTime<Utc>, HistoryRow)> = Vec::new();
    rows.extend(updates.iter().filter_map(|with| update_row(with, zone, teller)));
    // What a rollout brought is told by its update.
    let others = installed.iter().filter(|entry| entry.rollout.is_none());
    rows.extend(others.map(|entry| (entry.since, installed_row(entry, catalogue, zone, teller))));
    rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// `None` while it is still to come or running: that is told as what is next.
fn update_row(with: &WithRollout, zone: Option<&str>, teller: &Teller<'_>) -> Option<(DateTime<Utc>, HistoryRow)> {
    let update = &with.update;
    let ended = !is_under_way(&with.rollout.state);
    let failed = |attempt: &FailedAttempt| {
        let (started_at, failed_at) = (attempt.started_at, attempt.failed_at);
        (failed_at, Some(teller.clock.when(started_at, zone)), took(started_at, failed_at))
    };
    let (at, shown, took): (DateTime<Utc>, Option<When>, String) = match &update.state {
        UpdateState::Succeeded { started_at, finished_at, .. } => {
            (*finished_at, Some(teller.clock.when(*started_at, zone)), took(*started_at, *finished_at))
        }
        UpdateState::Held { reason: EnvironmentReason::AttemptsUsed { last, .. }, .. } => failed(last),
        state @ UpdateState::Failed { .. } => failed(&state.failed_attempt()?),
        UpdateState::AlreadySatisfied { since, pulled_at: Some(started_at), .. } => {
            (*since, Some(teller.clock.when(*started_at, zone)), took(*started_at, *since))
        }
        UpdateState::AlreadySatisfied { since, .. } => (*since, Some(teller.clock.when(*since, zone)), String::new()),
        UpdateState::Skipped { .. } | UpdateState::Held { .. } if ended => (end_of(with), None, String::new()),
        UpdateState::Planned
        | UpdateState::Announced { .. }
        | UpdateState::InProgress { .. }
        | UpdateState::Verifying { .. }
        | UpdateState::Skipped { .. }
        | UpdateState::Held { .. } => return None,
    };
    let told = teller.tell(update);
    let text = match told.word {
        UpdateStateWord::Succeeded => String::new(),
        _ => told.text,
    };
    let row = HistoryRow {
        train: with.rollout.train.to_string(),
        build: with.rollout.build.to_string(),
        when: shown,
        took,
        state: told.word,
        text,
    };
    Some((at, row))
}

fn end_of(with: &WithRollout) -> DateTime<Utc> {
    match &with.rollout.state {
        RolloutState::Completed { completed_at, .. } => *completed_at,
        RolloutState::Draft | RolloutState::Running { .. } | RolloutState::Halted { .. } => with.update.created_at,
    }
}

/// `21 min`
fn took(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    format!("{} min", (to - from).num_minutes())
}

fn installed_row(entry: &HistoryEntry, catalogue: &Catalogue, zone: Option<&str>, teller: &Teller<'_>) -> HistoryRow {
    HistoryRow {
        train: train_of(catalogue, entry.build).unwrap_or_else(|| entry.service_update.to_string()),
        build: entry.build.to_string(),
        when: Some(teller.clock.when(entry.since, zone)),
        took: String::new(),
        state: UpdateStateWord::Succeeded,
        text: "Came outside a rollout of this service".to_owned(),
    }
}

/// `10.0.48 PQU-7`, where a train of the catalogue carried the build.
fn train_of(catalogue: &Catalogue, build: BuildVersion) -> Option<String> {
    catalogue.trains.iter().find(|train| train.app_build == Some(build)).map(|train| train.id.to_string())
}
