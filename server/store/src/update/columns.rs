//! The state of an update as columns, and back. A state sets exactly its own columns; every other mix is impossible.

use super::Update;
use crate::entity::environment_update::{ActiveModel, Model};
use crate::row::{Row, json, ms};
use crate::{Error, Result, keys};
use chrono::NaiveDate;
use domain::calendar::Night;
use domain::fleet::{StageKey, StationNumber};
use domain::ids::{CustomerId, EnvironmentId, RolloutId, UpdateId};
use domain::rollout::{Part, UpdateState};
use sea_orm::{NotSet, Set};
use serde_json::Value;

#[derive(Debug, Default)]
pub struct StateColumns {
    pub state: &'static str,
    /// Of a state that no longer has one: the announced night that does not take place.
    night: Option<Night>,
    announced_ms: Option<i64>,
    moved: Option<Value>,
    started_ms: Option<i64>,
    applied_ms: Option<i64>,
    finished_ms: Option<i64>,
    error: Option<String>,
    reason: Option<Value>,
    pulled_ms: Option<i64>,
}

/// The tag in column `state`.
pub const fn tag(state: &UpdateState) -> &'static str {
    match state {
        UpdateState::Planned => "planned",
        UpdateState::Announced { .. } => "announced",
        UpdateState::InProgress { .. } => "in_progress",
        UpdateState::Verifying { .. } => "verifying",
        UpdateState::Succeeded { .. } => "succeeded",
        UpdateState::Failed { .. } => "failed",
        UpdateState::AlreadySatisfied { .. } => "already_satisfied",
        UpdateState::Skipped { .. } => "skipped",
        UpdateState::Held { .. } => "held",
    }
}

impl StateColumns {
    pub fn of(state: &UpdateState) -> Result<Self> {
        use UpdateState as S;
        let own = Self { state: tag(state), night: state.night_or_cancelled(), ..Self::default() };
        Ok(match state {
            S::Planned => own,
            S::Announced { announced_at, moved, .. } => {
                Self { announced_ms: Some(ms(*announced_at)), moved: moved.as_ref().map(json).transpose()?, ..own }
            }
            S::InProgress { started_at, .. } => Self { started_ms: Some(ms(*started_at)), ..own },
            S::Verifying { started_at, applied_at, .. } => {
                Self { started_ms: Some(ms(*started_at)), applied_ms: Some(ms(*applied_at)), ..own }
            }
            S::Succeeded { started_at, finished_at, .. } => {
                Self { started_ms: Some(ms(*started_at)), finished_ms: Some(ms(*finished_at)), ..own }
            }
            S::Failed { started_at, failed_at, error, .. } => Self {
                started_ms: Some(ms(*started_at)),
                finished_ms: Some(ms(*failed_at)),
                error: Some(error.clone()),
                ..own
            },
            S::AlreadySatisfied { since, pulled_at, .. } => {
                Self { finished_ms: Some(ms(*since)), pulled_ms: pulled_at.map(ms), ..own }
            }
            S::Skipped { reason, .. } | S::Held { reason, .. } => Self { reason: Some(json(reason)?), ..own },
        })
    }

    /// Every column of the state; the rest is left as it is. That it was dispatched is known of an update only while it
    /// runs: whatever ends an attempt forgets it.
    pub fn set(self) -> ActiveModel {
        let runs = matches!(self.state, "in_progress" | "verifying");
        ActiveModel {
            dispatched_ms: if runs { NotSet } else { Set(None) },
            state: Set(self.state.to_owned()),
            night_date: Set(self.night.map(|night| night.date)),
            night_start_ms: Set(self.night.map(|night| ms(night.start))),
            night_end_ms: Set(self.night.map(|night| ms(night.end))),
            announced_ms: Set(self.announced_ms),
            moved: Set(self.moved),
            started_ms: Set(self.started_ms),
            applied_ms: Set(self.applied_ms),
            finished_ms: Set(self.finished_ms),
            error: Set(self.error),
            reason: Set(self.reason),
            pulled_ms: Set(self.pulled_ms),
            ..Default::default()
        }
    }
}

fn night(row: &Row, columns: (Option<NaiveDate>, Option<i64>, Option<i64>)) -> Result<Option<Night>> {
    match columns {
        (None, None, None) => Ok(None),
        (Some(date), Some(start), Some(end)) => Ok(Some(Night { date, start: row.at(start)?, end: row.at(end)? })),
        _ => Err(row.wrong("its night is half known")),
    }
}

fn stage(row: &Row, columns: (Option<i16>, Option<&str>)) -> Result<Option<StageKey>> {
    match columns {
        (None, None) => Ok(None),
        (Some(station), Some(audience)) => Ok(Some(StageKey {
            station: StationNumber(row.number(station)?),
            audience: row.word(audience, keys::audience_from)?,
        })),
        _ => Err(row.wrong("its stage is half known")),
    }
}

fn state(row: &Row, model: &mut Model) -> Result<UpdateState> {
    use UpdateState as S;
    let night = night(row, (model.night_date, model.night_start_ms, model.night_end_ms))?;
    let announced = row.at_opt(model.announced_ms)?;
    let moved = model.moved.take().map(|value| row.json(value)).transpose()?;
    let started = row.at_opt(model.started_ms)?;
    let applied = row.at_opt(model.applied_ms)?;
    let finished = row.at_opt(model.finished_ms)?;
    let reason = model.reason.take().map(|value| row.json(value)).transpose()?;
    let pulled_at = row.at_opt(model.pulled_ms)?;
    if pulled_at.is_some() && model.state != "already_satisfied" {
        return Err(row.wrong("it was taken ahead and is not satisfied"));
    }
    let columns = (night, announced, moved, started, applied, finished, model.error.take(), reason);
    Ok(match (model.state.as_str(), columns) {
        ("planned", (None, None, None, None, None, None, None, None)) => S::Planned,
        ("announced", (Some(night), Some(announced_at), moved, None, None, None, None, None)) => {
            S::Announced { night, announced_at, moved }
        }
        ("in_progress", (Some(night), None, None, Some(started_at), None, None, None, None)) => {
            S::InProgress { night, started_at }
        }
        ("verifying", (Some(night), None, None, Some(started_at), Some(applied_at), None, None, None)) => {
            S::Verifying { night, started_at, applied_at }
        }
        ("succeeded", (Some(night), None, None, Some(started_at), None, Some(finished_at), None, None)) => {
            S::Succeeded { night, started_at, finished_at }
        }
        ("failed", (Some(night), None, None, Some(started_at), None, Some(failed_at), Some(error), None)) => {
            S::Failed { night, started_at, failed_at, error }
        }
        ("already_satisfied", (cancelled, None, None, None, None, Some(since), None, None)) => {
            S::AlreadySatisfied { since, cancelled, pulled_at }
        }
        ("skipped", (cancelled, None, None, None, None, None, None, Some(reason))) => S::Skipped { reason, cancelled },
        ("held", (cancelled, None, None, None, None, None, None, Some(reason))) => S::Held { reason, cancelled },
        (tag, columns) => return Err(row.wrong(format!("state `{tag}` with {columns:?}"))),
    })
}

impl TryFrom<Model> for Update {
    type Error = Error;

    fn try_from(mut model: Model) -> Result<Self> {
        let id = UpdateId::new(model.id);
        let row = Row::new("environment_update", id);
        let state = state(&row, &mut model)?;
        let dispatched_at = row.at_opt(model.dispatched_ms)?;
        if dispatched_at.is_some() && !state.is_running() {
            return Err(row.wrong("it is dispatched and does not run"));
        }
        Ok(Self {
            id,
            rollout: RolloutId::new(model.rollout_id),
            environment: EnvironmentId::new(model.environment_id),
            customer: CustomerId::new(model.customer_id),
            stage: stage(&row, (model.station, model.audience.as_deref()))?,
            follows: model.follows_id.map(EnvironmentId::new),
            state,
            reasons: row.json(model.reasons)?,
            next: row.at_opt(model.next_ms)?,
            attempts: row.number(model.attempts)?,
            last_failed_at: row.at_opt(model.last_failed_ms)?,
            dispatched_at,
            created_at: row.at(model.created_ms)?,
            generation: model.generation,
            part: row.word(&model.part, Part::from_key)?,
            early: model.early,
            pull: model.pull.map(|pull| row.json(pull)).transpose()?,
        })
    }
}
