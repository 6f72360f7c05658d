//! Rollouts, stages and approvals as columns, and back.

use super::{Descent, NewRollout, Rollout};
use crate::entity::rollout::{ActiveModel, Model};
use crate::entity::stage;
use crate::row::{Row, json, ms};
use crate::{Result, keys};
use domain::calendar::StageWindow;
use domain::fleet::{StageKey, StationNumber};
use domain::ids::{BuildId, RecoveryId, RolloutId, UserId};
use domain::release::{BuildVersion, TrainId};
use domain::rollout::{Edited, RolloutKind, RolloutReport, RolloutState, StageFacts, StageState, StageTally};
use sea_orm::Set;

pub fn new_row(new: &NewRollout) -> Result<ActiveModel> {
    Ok(ActiveModel {
        id: Set(new.id.uuid()),
        service_update: Set(new.train.service_update.to_string()),
        train_number: Set(new.train.number.into()),
        build_id: Set(new.build.uuid()),
        cadence: Set(new.cadence.clone()),
        start_date: Set(new.start),
        policy: Set(json(&new.policy)?),
        report: Set(json(&RolloutReport::default())?),
        created_ms: Set(ms(new.created_at)),
        generation: Set(1),
        ..set_state(&RolloutState::Draft)?
    })
}

/// Every column of the state; the rest is left as it is.
pub fn set_state(state: &RolloutState) -> Result<ActiveModel> {
    let own = ActiveModel {
        state: Set(state.key().to_owned()),
        started_ms: Set(None),
        started_by: Set(state.started_by().map(UserId::uuid)),
        halted_ms: Set(None),
        halt_cause: Set(None),
        resumed_ms: Set(None),
        resumed_before_ms: Set(None),
        completed_ms: Set(None),
        ..Default::default()
    };
    Ok(match state {
        RolloutState::Draft => own,
        RolloutState::Running { started_at, resumed_at, .. } => {
            ActiveModel { started_ms: Set(Some(ms(*started_at))), resumed_ms: Set(resumed_at.map(ms)), ..own }
        }
        RolloutState::Halted { started_at, halted_at, cause, resumed_at, .. } => ActiveModel {
            started_ms: Set(Some(ms(*started_at))),
            halted_ms: Set(Some(ms(*halted_at))),
            halt_cause: Set(Some(json(cause)?)),
            resumed_before_ms: Set(resumed_at.map(ms)),
            ..own
        },
        RolloutState::Completed { started_at, completed_at, .. } => {
            ActiveModel { started_ms: Set(Some(ms(*started_at))), completed_ms: Set(Some(ms(*completed_at))), ..own }
        }
    })
}

pub fn state(row: &Row, model: &mut Model) -> Result<RolloutState> {
    use RolloutState as S;
    let started = row.at_opt(model.started_ms)?;
    let by = model.started_by.map(UserId::new);
    let halted = row.at_opt(model.halted_ms)?;
    let cause = model.halt_cause.take().map(|value| row.json(value)).transpose()?;
    let resumed_at = row.at_opt(model.resumed_ms)?;
    let completed = row.at_opt(model.completed_ms)?;
    Ok(match (model.state.as_str(), (started, by, halted, cause, completed)) {
        ("draft", (None, None, None, None, None)) => S::Draft,
        ("running", (Some(started_at), Some(started_by), None, None, None)) => {
            S::Running { started_at, started_by, resumed_at }
        }
        ("halted", (Some(started_at), Some(started_by), Some(halted_at), Some(cause), None)) => {
            let resumed_at = row.at_opt(model.resumed_before_ms)?;
            S::Halted { started_at, started_by, halted_at, cause, resumed_at }
        }
        ("completed", (Some(started_at), Some(started_by), None, None, Some(completed_at))) => {
            S::Completed { started_at, started_by, completed_at }
        }
        (tag, columns) => return Err(row.wrong(format!("state `{tag}` with {columns:?}"))),
    })
}

pub fn train(row: &Row, model: &Model) -> Result<TrainId> {
    Ok(TrainId { service_update: row.parse(&model.service_update)?, number: row.number(model.train_number)? })
}

pub fn set_descent(descent: &Descent) -> ActiveModel {
    ActiveModel {
        kind: Set(descent.kind.key().to_owned()),
        from_build: Set(descent.kind.from().map(|from| from.to_string())),
        recovery_id: Set(descent.recovery.map(RecoveryId::uuid)),
        supersedes_id: Set(descent.supersedes.map(RolloutId::uuid)),
        ..Default::default()
    }
}

pub fn descent(row: &Row, model: &Model) -> Result<Descent> {
    let kind = match (model.kind.as_str(), row.parse_opt(model.from_build.as_deref())?) {
        ("forward", None) => RolloutKind::Forward,
        ("back", Some(from)) => RolloutKind::Back { from },
        ("redeploy", Some(from)) => RolloutKind::Redeploy { from },
        (kind, from) => return Err(row.wrong(format!("kind `{kind}` from {from:?}"))),
    };
    let (recovery, supersedes) = (model.recovery_id.map(RecoveryId::new), model.supersedes_id.map(RolloutId::new));
    Ok(Descent { kind, recovery, supersedes })
}

pub fn to_rollout(mut model: Model, version: BuildVersion) -> Result<Rollout> {
    let id = RolloutId::new(model.id);
    let row = Row::new("rollout", id);
    let descent = descent(&row, &model)?;
    let edited = match (model.edited_ms, model.edited_by.take()) {
        (None, None) => None,
        (Some(at), Some(by)) => Some(Edited { by: row.json(by)?, at: row.at(at)? }),
        _ => return Err(row.wrong("half edited")),
    };
    Ok(Rollout {
        id,
        train: train(&row, &model)?,
        build: BuildId::new(model.build_id),
        version,
        start: model.start_date,
        state: state(&row, &mut model)?,
        policy: row.json(model.policy)?,
        report: if model.report.is_null() { RolloutReport::default() } else { row.json(model.report)? },
        cadence: model.cadence,
        created_at: row.at(model.created_ms)?,
        edited,
        generation: model.generation,
        descent,
    })
}

pub fn stage_row(rollout: RolloutId, window: &StageWindow) -> stage::Model {
    stage::Model {
        rollout_id: rollout.uuid(),
        station: window.stage.station.0.into(),
        audience: keys::audience(window.stage.audience).to_owned(),
        first_date: window.first,
        last_date: window.last,
        state: "waiting".to_owned(),
        opened_ms: None,
        passed_ms: None,
        succeeded_before: 0,
    }
}

pub fn set_stage_state(state: StageState) -> stage::ActiveModel {
    let (tag, opened, passed) = match state {
        StageState::Waiting => ("waiting", None, None),
        StageState::Open { opened_at } => ("open", Some(opened_at), None),
        StageState::Passed { opened_at, passed_at } => ("passed", Some(opened_at), Some(passed_at)),
    };
    stage::ActiveModel {
        state: Set(tag.to_owned()),
        opened_ms: Set(opened.map(ms)),
        passed_ms: Set(passed.map(ms)),
        ..Default::default()
    }
}

pub fn window(model: &stage::Model) -> Result<StageWindow> {
    let row = stage_id(model);
    let stage = StageKey {
        station: StationNumber(row.number(model.station)?),
        audience: row.word(&model.audience, keys::audience_from)?,
    };
    Ok(StageWindow { stage, first: model.first_date, last: model.last_date })
}

fn stage_id(model: &stage::Model) -> Row {
    Row::new("stage", format!("{} {} {}", RolloutId::new(model.rollout_id), model.station, model.audience))
}

pub fn to_stage(model: &stage::Model) -> Result<StageFacts> {
    let row = stage_id(model);
    let window = window(model)?;
    let state = match (model.state.as_str(), row.at_opt(model.opened_ms)?, row.at_opt(model.passed_ms)?) {
        ("waiting", None, None) => StageState::Waiting,
        ("open", Some(opened_at), None) => StageState::Open { opened_at },
        ("passed", Some(opened_at), Some(passed_at)) => StageState::Passed { opened_at, passed_at },
        (tag, opened, passed) => return Err(row.wrong(format!("state `{tag}` with {opened:?}, {passed:?}"))),
    };
    Ok(StageFacts { key: window.stage, window, state, first_night: None, tally: StageTally::default() })
}
