//! Counters of updates by stage, part and state. Moved by every change of an update; no plan counts the fleet.

use super::NewUpdate;
use super::columns::tag;
use crate::entity::environment_update::Model;
use crate::entity::update_count::{self as counter, Column, Entity};
use crate::row::Row;
use crate::{Connection, Error, Result, keys, planted};
use domain::fleet::{StageKey, StationNumber};
use domain::ids::RolloutId;
use domain::rollout::Part;
use domain::wire::signal::UpdateStateWord;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What one update counts as.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CountKey {
    pub rollout: Uuid,
    /// 0 and empty: without a stage.
    pub station: i16,
    pub audience: String,
    pub part: String,
    pub state: String,
}

impl CountKey {
    pub fn of(row: &Model) -> Self {
        Self {
            rollout: row.rollout_id,
            station: row.station.unwrap_or(0),
            audience: row.audience.clone().unwrap_or_default(),
            part: row.part.clone(),
            state: row.state.clone(),
        }
    }

    pub fn of_counter(row: &counter::Model) -> Self {
        Self {
            rollout: row.rollout_id,
            station: row.station,
            audience: row.audience.clone(),
            part: row.part.clone(),
            state: row.state.clone(),
        }
    }

    pub fn of_new(new: &NewUpdate) -> Self {
        Self {
            rollout: new.rollout.uuid(),
            station: new.stage.map_or(0, |stage| stage.station.0.into()),
            audience: new.stage.map(|stage| keys::audience(stage.audience).to_owned()).unwrap_or_default(),
            part: new.part.key().to_owned(),
            state: tag(&new.state).to_owned(),
        }
    }
}

/// Updates that were not there before.
pub async fn add_all(conn: &impl Connection, keys: impl IntoIterator<Item = CountKey>) -> Result<()> {
    let mut counts: BTreeMap<CountKey, i64> = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    for (key, count) in counts {
        add(conn, key, count).await?;
    }
    Ok(())
}

async fn add(conn: &impl Connection, key: CountKey, count: i64) -> Result<()> {
    let row = counter::Model {
        rollout_id: key.rollout,
        station: key.station,
        audience: key.audience,
        part: key.part,
        state: key.state,
        updates: count,
    };
    let columns = [Column::RolloutId, Column::Station, Column::Audience, Column::Part, Column::State];
    let known =
        OnConflict::columns(columns).value(Column::Updates, Expr::col((Entity, Column::Updates)).add(count)).to_owned();
    Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

/// Updates count as something else now, each `(from, to)`. A counter that does not know them was not kept: that is an
/// inconsistency, not a zero.
pub async fn shift(conn: &impl Connection, moved: impl IntoIterator<Item = (CountKey, CountKey)>) -> Result<()> {
    let mut changes: BTreeMap<CountKey, i64> = BTreeMap::new();
    for (from, to) in moved.into_iter().filter(|(from, to)| from != to) {
        if !planted::is("counter-drifts") {
            *changes.entry(from).or_default() -= 1;
        }
        *changes.entry(to).or_default() += 1;
    }
    for (key, change) in changes {
        match change {
            0 => {}
            1.. => add(conn, key, change).await?,
            ..0 => subtract(conn, key, -change).await?,
        }
    }
    Ok(())
}

async fn subtract(conn: &impl Connection, from: CountKey, count: i64) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(Column::Updates, Expr::col(Column::Updates).sub(count))
        .filter(Column::RolloutId.eq(from.rollout))
        .filter(Column::Station.eq(from.station))
        .filter(Column::Audience.eq(&from.audience))
        .filter(Column::Part.eq(&from.part))
        .filter(Column::State.eq(&from.state))
        .filter(Column::Updates.gte(count))
        .exec(conn)
        .await?;
    if changed.rows_affected == 1 {
        return Ok(());
    }
    let id = format!("{} at station {}, {}, {}", from.rollout, from.station, from.part, from.state);
    Err(Error::Inconsistent { table: "update_count", id, what: format!("it does not count {count} that exist") })
}

/// How many updates a stage, or `None` what has no stage, has in one part and state.
pub type Group = (Option<StageKey>, Part, UpdateStateWord, u32);

pub async fn of_rollout(conn: &impl Connection, rollout: RolloutId) -> Result<Vec<Group>> {
    let rows = Entity::find().filter(Column::RolloutId.eq(rollout.uuid())).filter(Column::Updates.gt(0));
    rows.all(conn).await?.into_iter().map(|row| group(rollout, &row)).collect()
}

fn group(rollout: RolloutId, model: &counter::Model) -> Result<Group> {
    let row = Row::new("update_count", rollout);
    let station: u8 = row.number(model.station)?;
    let stage = match station {
        0 => None,
        number => {
            let audience = row.word(&model.audience, keys::audience_from)?;
            Some(StageKey { station: StationNumber(number), audience })
        }
    };
    let part = row.word(&model.part, Part::from_key)?;
    Ok((stage, part, row.word(&model.state, UpdateStateWord::from_key)?, row.number(model.updates)?))
}
