//! Registered builds.

use crate::entity::build::{ActiveModel, Column, Entity, Model};
use crate::row::{Row, ms, sort_key};
use crate::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::ids::BuildId;
use domain::release::{BuildVersion, ServiceUpdate};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Value};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBuild {
    pub id: BuildId,
    pub service_update: ServiceUpdate,
    pub version: BuildVersion,
    pub platform: Option<BuildVersion>,
    pub registered_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    pub id: BuildId,
    pub service_update: ServiceUpdate,
    pub version: BuildVersion,
    pub platform: Option<BuildVersion>,
    pub registered_at: DateTime<Utc>,
    pub halted: Option<BuildHalt>,
    pub generation: i64,
}

/// Rule H1: no rollout of a halted build starts anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildHalt {
    pub at: DateTime<Utc>,
    pub reason: String,
}

impl TryFrom<Model> for Build {
    type Error = crate::Error;

    fn try_from(model: Model) -> Result<Self> {
        let id = BuildId::new(model.id);
        let row = Row::new("build", id);
        let halted = match (model.halted_at_ms, model.halt_reason) {
            (None, None) => None,
            (Some(at), Some(reason)) => Some(BuildHalt { at: row.at(at)?, reason }),
            _ => return Err(row.wrong("half halted")),
        };
        Ok(Self {
            id,
            service_update: row.parse(&model.service_update)?,
            version: row.parse(&model.version)?,
            platform: row.parse_opt(model.platform_version.as_deref())?,
            registered_at: row.at(model.registered_at_ms)?,
            halted,
            generation: model.generation,
        })
    }
}

/// Conflict where the version is registered.
pub async fn insert(conn: &impl Connection, new: &NewBuild) -> Result<()> {
    let model = Model {
        id: new.id.uuid(),
        service_update: new.service_update.to_string(),
        version: new.version.to_string(),
        version_sort: sort_key(&new.version.parts()),
        platform_version: new.platform.map(|build| build.to_string()),
        registered_at_ms: ms(new.registered_at),
        halted_at_ms: None,
        halt_reason: None,
        generation: 1,
    };
    Entity::insert::<ActiveModel>(model.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

pub async fn find(conn: &impl Connection, id: BuildId) -> Result<Option<Build>> {
    Entity::find_by_id(id.uuid()).one(conn).await?.map(Build::try_from).transpose()
}

pub async fn find_by_version(conn: &impl Connection, version: BuildVersion) -> Result<Option<Build>> {
    let found = Entity::find().filter(Column::Version.eq(version.to_string())).one(conn).await?;
    found.map(Build::try_from).transpose()
}

/// All of them, the newest version first.
pub async fn list(conn: &impl Connection) -> Result<Vec<Build>> {
    let rows = Entity::find().order_by_desc(Column::VersionSort).all(conn).await?;
    rows.into_iter().map(Build::try_from).collect()
}

/// `false` where it was halted already; the first reason stands.
pub async fn halt(conn: &impl Connection, id: BuildId, reason: &str, now: DateTime<Utc>) -> Result<bool> {
    set_halt(conn, id, Some((ms(now), reason))).await
}

/// `false` where it was not halted.
pub async fn unhalt(conn: &impl Connection, id: BuildId) -> Result<bool> {
    set_halt(conn, id, None).await
}

async fn set_halt(conn: &impl Connection, id: BuildId, halt: Option<(i64, &str)>) -> Result<bool> {
    let before = if halt.is_some() { Column::HaltedAtMs.is_null() } else { Column::HaltedAtMs.is_not_null() };
    let changed = Entity::update_many()
        .col_expr(Column::HaltedAtMs, Expr::value(Value::from(halt.map(|(at, _)| at))))
        .col_expr(Column::HaltReason, Expr::value(Value::from(halt.map(|(_, reason)| reason.to_owned()))))
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(id.uuid()))
        .filter(before)
        .exec(conn)
        .await?;
    Ok(changed.rows_affected == 1)
}
