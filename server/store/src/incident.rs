//! Incidents that were reported against builds, each once: the worst that was said of it, and what became of it.

use crate::entity::incident::{Column, Entity, Model};
use crate::row::{Row, ms};
use crate::{Connection, Error, Paged, Result};
use chrono::{DateTime, Utc};
use domain::ids::{TokenId, UserId};
use domain::release::BuildVersion;
use domain::severity::Severity;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// Who reported it, and calls it by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reporter {
    /// A listening system.
    Program(TokenId),
    Person(UserId),
}

impl Reporter {
    /// Ids of people and of tokens are never the same.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Program(id) => id.uuid(),
            Self::Person(id) => id.uuid(),
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Program(_) => "program",
            Self::Person(_) => "person",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    pub by: Reporter,
    /// As the reporter calls it.
    pub name: String,
    pub build: BuildVersion,
    /// The worst that was said.
    pub severity: Severity,
    /// People suffer from it and said so.
    pub by_people: bool,
    /// What was found, as said when it was worst.
    pub finding: String,
    pub opened_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    /// In a word of the service that took it.
    pub outcome: String,
}

impl TryFrom<Model> for Incident {
    type Error = Error;

    fn try_from(model: Model) -> Result<Self> {
        let row = Row::new("incident", &model.name);
        let by = match model.by_kind.as_str() {
            "program" => Reporter::Program(TokenId::new(model.by_id)),
            "person" => Reporter::Person(UserId::new(model.by_id)),
            _ => return Err(row.wrong("nobody is known to have reported it")),
        };
        Ok(Self {
            by,
            build: row.parse(&model.build)?,
            severity: row.word(&model.severity, Severity::from_key)?,
            by_people: model.by_people,
            finding: model.finding,
            opened_at: row.at(model.opened_ms)?,
            received_at: row.at(model.received_ms)?,
            outcome: model.outcome,
            name: model.name,
        })
    }
}

/// The place of an incident in the list, as text: `1764000000000~` id `~` name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    received_ms: i64,
    by: Uuid,
    name: String,
}

impl Place {
    pub fn of(incident: &Incident) -> Self {
        Self { received_ms: ms(incident.received_at), by: incident.by.id(), name: incident.name.clone() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}~{}", self.received_ms, self.by.simple(), self.name)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '~');
        let mut part = || parts.next().ok_or(());
        let (received_ms, by, name) = (part()?, part()?, part()?);
        Ok(Self {
            received_ms: received_ms.parse().map_err(drop)?,
            by: by.parse().map_err(drop)?,
            name: name.to_owned(),
        })
    }
}

/// What was heard of last comes first; after the incident at `after`.
pub async fn list(conn: &impl Connection, after: Option<&Place>, limit: u64) -> Result<Paged<Incident>> {
    let mut select = Entity::find()
        .order_by_desc(Column::ReceivedMs)
        .order_by_desc(Column::ById)
        .order_by_desc(Column::Name)
        .limit(limit.saturating_add(1));
    if let Some(Place { received_ms, by, name }) = after {
        let here = Expr::tuple([Column::ReceivedMs, Column::ById, Column::Name].map(Expr::col));
        let there = Expr::tuple([Expr::value(*received_ms), Expr::value(*by), Expr::value(name.as_str())]);
        select = select.filter(here.lt(there));
    }
    Paged::cut(select.all(conn).await?, limit).try_map(Incident::try_from)
}

/// Kept from other writers until the transaction ends.
pub async fn find_and_hold(conn: &impl Connection, by: Reporter, name: &str) -> Result<Option<Incident>> {
    let found = Entity::find_by_id((by.id(), name.to_owned())).lock_exclusive().one(conn).await?;
    found.map(Incident::try_from).transpose()
}

/// Takes the place of what was known of it.
pub async fn put(conn: &impl Connection, incident: &Incident) -> Result<()> {
    let row = Model {
        by_kind: incident.by.kind().to_owned(),
        by_id: incident.by.id(),
        name: incident.name.clone(),
        build: incident.build.to_string(),
        severity: incident.severity.key().to_owned(),
        by_people: incident.by_people,
        finding: incident.finding.clone(),
        opened_ms: ms(incident.opened_at),
        received_ms: ms(incident.received_at),
        outcome: incident.outcome.clone(),
    };
    let said = [Column::Severity, Column::ByPeople, Column::Finding, Column::ReceivedMs, Column::Outcome];
    let known = OnConflict::columns([Column::ById, Column::Name]).update_columns(said).to_owned();
    Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}
