//! Registered builds: their artifacts, who approved and who withdrew them, and their halts.

use crate::entity::build::{ActiveModel, Column, Entity, Model};
use crate::row::{Row, ensure_found, json, ms, sort_key};
use crate::{Connection, Result, digest};
use chrono::{DateTime, Utc};
use domain::approval::Digest;
use domain::ids::{BuildId, UserId};
use domain::people::{Person, Reasoned};
use domain::recovery::SchemaChange;
use domain::release::{BuildApproval, BuildChange, BuildVersion, ServiceUpdate, Unapproved};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Value};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBuild {
    pub id: BuildId,
    pub service_update: ServiceUpdate,
    pub version: BuildVersion,
    pub platform: Option<BuildVersion>,
    pub registered_at: DateTime<Utc>,
    /// As the pipeline gives it; without one the build's names stand for it.
    pub artifact: Option<Digest>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    pub id: BuildId,
    pub service_update: ServiceUpdate,
    pub version: BuildVersion,
    pub platform: Option<BuildVersion>,
    pub registered_at: DateTime<Utc>,
    pub halted: Option<BuildHalt>,
    /// Empty where none is recorded.
    pub changes: Vec<BuildChange>,
    /// On top of the build before it; `None` where they are not recorded.
    pub schema: Option<Vec<SchemaChange>>,
    pub artifact: Digest,
    pub approval: Option<BuildApproval>,
    pub withdrawn: Option<Reasoned>,
    pub generation: i64,
}

impl Build {
    /// Why it is not offered, given who may approve builds now.
    pub fn unapproved(&self, authorised: &[UserId]) -> Option<Unapproved> {
        let is_authorised = |person: &Person| authorised.contains(&person.id);
        Unapproved::of(&self.artifact, self.approval.as_ref(), self.withdrawn.as_ref(), is_authorised)
    }
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
        let artifact: Digest = match model.artifact.as_deref() {
            Some(artifact) => row.parse(artifact)?,
            None => digest::of(&(&model.service_update, &model.version, &model.platform_version))?,
        };
        let approval = match model.approved_ms {
            Some(at) => Some(BuildApproval {
                artifact: row.parse_opt(model.approved_artifact.as_deref())?.unwrap_or_else(|| artifact.clone()),
                by: model.approved_by.map(|by| row.json(by)).transpose()?,
                at: row.at(at)?,
            }),
            None => None,
        };
        Ok(Self {
            id,
            artifact,
            approval,
            withdrawn: model.withdrawn.map(|withdrawn| row.json(withdrawn)).transpose()?,
            service_update: row.parse(&model.service_update)?,
            version: row.parse(&model.version)?,
            platform: row.parse_opt(model.platform_version.as_deref())?,
            registered_at: row.at(model.registered_at_ms)?,
            halted,
            changes: model.changes.map(|value| row.json(value)).transpose()?.unwrap_or_default(),
            schema: model.schema_changes.map(|value| row.json(value)).transpose()?,
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
        changes: None,
        schema_changes: None,
        artifact: new.artifact.as_ref().map(ToString::to_string),
        approved_ms: None,
        approved_by: None,
        approved_artifact: None,
        withdrawn: None,
    };
    Entity::insert::<ActiveModel>(model.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// What it brings, as its pipeline or its release manager records it.
pub async fn record_content(
    conn: &impl Connection,
    id: BuildId,
    changes: &[BuildChange],
    schema: &[SchemaChange],
) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(Column::Changes, Expr::value(json(&changes)?))
        .col_expr(Column::SchemaChanges, Expr::value(json(&schema)?))
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(id.uuid()))
        .exec(conn)
        .await?;
    ensure_found(changed.rows_affected)
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

/// From now on it may be offered; a withdrawal is lifted.
pub async fn approve(conn: &impl Connection, id: BuildId, approval: &BuildApproval) -> Result<()> {
    let by = approval.by.as_ref().map(json).transpose()?;
    let changed = Entity::update_many()
        .col_expr(Column::ApprovedMs, Expr::value(Some(ms(approval.at))))
        .col_expr(Column::ApprovedBy, Expr::value(Value::from(by)))
        .col_expr(Column::ApprovedArtifact, Expr::value(approval.artifact.to_string()))
        .col_expr(Column::Withdrawn, Expr::value(Value::from(None::<serde_json::Value>)))
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(id.uuid()))
        .exec(conn)
        .await?;
    ensure_found(changed.rows_affected)
}

/// From now on it is not offered.
pub async fn withdraw(conn: &impl Connection, id: BuildId, withdrawal: &Reasoned) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(Column::Withdrawn, Expr::value(json(withdrawal)?))
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1_i64))
        .filter(Column::Id.eq(id.uuid()))
        .exec(conn)
        .await?;
    ensure_found(changed.rows_affected)
}
