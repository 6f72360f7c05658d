//! Incidents of listening systems, each once: the worst that was said of it, and what became of it.

use crate::entity::incident::{Column, Entity, Model};
use crate::row::{Row, ms};
use crate::{Connection, Result};
use chrono::{DateTime, Utc};
use domain::ids::TokenId;
use domain::release::BuildVersion;
use domain::severity::Severity;
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel, QueryOrder, QuerySelect};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    pub by: TokenId,
    /// As the listening system calls it.
    pub name: String,
    pub build: BuildVersion,
    /// The worst that was said.
    pub severity: Severity,
    /// What was found, as said when it was worst.
    pub finding: String,
    pub opened_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    /// In a word of the service that took it.
    pub outcome: String,
}

impl TryFrom<Model> for Incident {
    type Error = crate::Error;

    fn try_from(model: Model) -> Result<Self> {
        let row = Row::new("incident", &model.name);
        Ok(Self {
            by: TokenId::new(model.token_id),
            build: row.parse(&model.build)?,
            severity: row.word(&model.severity, Severity::from_key)?,
            finding: model.finding,
            opened_at: row.at(model.opened_ms)?,
            received_at: row.at(model.received_ms)?,
            outcome: model.outcome,
            name: model.name,
        })
    }
}

/// Those that were heard of last, the newest first.
pub async fn latest(conn: &impl Connection, limit: u64) -> Result<Vec<Incident>> {
    let newest = Entity::find().order_by_desc(Column::ReceivedMs).order_by_asc(Column::Name).limit(limit);
    newest.all(conn).await?.into_iter().map(Incident::try_from).collect()
}

/// Kept from other writers until the transaction ends.
pub async fn find_and_hold(conn: &impl Connection, by: TokenId, name: &str) -> Result<Option<Incident>> {
    let found = Entity::find_by_id((by.uuid(), name.to_owned())).lock_exclusive().one(conn).await?;
    found.map(Incident::try_from).transpose()
}

/// Takes the place of what was known of it.
pub async fn put(conn: &impl Connection, incident: &Incident) -> Result<()> {
    let row = Model {
        token_id: incident.by.uuid(),
        name: incident.name.clone(),
        build: incident.build.to_string(),
        severity: incident.severity.key().to_owned(),
        finding: incident.finding.clone(),
        opened_ms: ms(incident.opened_at),
        received_ms: ms(incident.received_at),
        outcome: incident.outcome.clone(),
    };
    let known = OnConflict::columns([Column::TokenId, Column::Name])
        .update_columns([Column::Severity, Column::Finding, Column::ReceivedMs, Column::Outcome])
        .to_owned();
    Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}
